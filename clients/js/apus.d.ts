/** Types of the Apus client. README.md explains the guarantees behind them. */

export const VERSION: string;

/** Makes a client and connects it. */
export function connect(options: ApusOptions): Apus;

export type Credential = { token: string } | { telegram: string; bot?: string };
type Given = string | Credential | null | undefined;

export interface ApusOptions {
  /** The hub's socket; http(s) and ws(s) are both fine, in pages a path is enough. Default `/ws`. */
  url?: string;
  /**
   * A token, or who to ask for one. Asked when there is none, 5 s before it runs out, when the hub
   * says `expiring`, and when one was refused. Nothing (null, '') means signed out: the client stops.
   */
  token: Given | ((reason: 'connect' | 'expiring' | 'refused') => Given | Promise<Given>);
  /** Opens the outbox before the first connection. Read from the token where it is not given. */
  identity?: { tenant?: string; user: string };
  /** Default: the platform's. Node before 22 needs one, such as that of the package `ws`. */
  WebSocket?: new (url: string, protocol: string) => any;
  /** Default: IndexedDB where there is one, memory elsewhere. */
  outbox?: OutboxStore;
  /** Milliseconds. Defaults: base 500, cap 20 000. */
  backoff?: { base?: number; cap?: number };
  /** Milliseconds from dialing to the answer of `hello`. Default 15 000. */
  connectTimeout?: number;
  /** What `hello` says in `client`. Default `apus-js/<version>`. */
  agent?: string;
  /** For tests. */
  clock?: Clock;
  /** For tests: 0 ≤ x < 1. */
  random?: () => number;
  /** For tests: idempotency keys. */
  makeKey?: () => string;
}

export interface Clock {
  now(): number;
  setTimeout(run: () => void, ms: number): any;
  clearTimeout(timer: any): void;
}

/** The hub's codes and `disconnected`, `stopped`, `signed_out`, `identity_changed`. */
export class ApusError extends Error {
  readonly code: string;
  readonly field?: string;
  /** Milliseconds. */
  readonly retryAfter?: number;
  readonly current?: any;
  /** The close code, where one ended the connection. */
  readonly close?: number;
  readonly isPassing: boolean;
}

export interface KeptEvent<Data = any> {
  readonly room: string;
  readonly offset: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly by: string;
  readonly kind: string;
  readonly key?: string;
  readonly data: Data;
}

export interface Person {
  readonly user: string;
  readonly name: string;
  readonly roles: string[];
  readonly since: number;
}

/** A message in the outbox. */
export interface Entry<Data = any> {
  readonly seq: number | null;
  readonly key: string;
  readonly room: string;
  readonly kind: string;
  readonly data: Data;
  readonly at: number;
}

export type State = 'offline' | 'catching up' | 'live';
export type Off = () => void;

declare class Emitter<News> {
  on<Name extends keyof News>(name: Name, listener: (detail: News[Name]) => void): Off;
  off<Name extends keyof News>(name: Name, listener: (detail: News[Name]) => void): void;
}

export type Settled =
  | { state: 'durable'; offset: number; epoch: string; at: number; duplicate: boolean }
  | { state: 'failed'; error: ApusError };

export interface ClientNews {
  state: State;
  /** It does not come back by itself; `connect()` tries again. */
  stopped: ApusError;
  /** Something went wrong that the client lives with. */
  warning: Error;
  roles: string[];
  durable: { entry: Entry; result: Settled };
  failed: { entry: Entry; result: Settled };
  /** The outbox changed; `room: null` means more than one. */
  pending: { room: string | null };
  /** A push that names no room. */
  push: any;
}

export class Apus extends Emitter<ClientNews> {
  constructor(options: ApusOptions);
  readonly state: State;
  readonly user: string | null;
  readonly roles: string[];
  readonly limits: Record<string, number> | null;
  /** Whether `room.ask` is answered, as of the last `hello`. */
  readonly hasAssistant: boolean;
  readonly rooms: ReadonlyMap<string, Room>;
  readonly pending: Entry[];
  connect(): void;
  disconnect(): void;
  close(): void;
  join(name: string, options?: RoomOptions): Room;
  send(room: string, kind: string, data: any, options?: { key?: string }): SendHandle;
  /** Opens a stream of text in a room that need not be joined. */
  stream(room: string, options?: ProductionOptions): Production;
  request(cmd: string, fields?: object): Promise<any>;
}

/** Text that grows before everybody in a room. */
export interface Stream {
  readonly id: string;
  readonly attempt: number;
  /** Tokens shown so far. */
  readonly tokens: number;
  readonly text: string;
  readonly state: 'open' | 'done' | 'failed' | 'cancelled' | 'interrupted';
  readonly by?: string;
  readonly title?: string;
  readonly meta?: any;
  /** The offset of the question it answers. */
  readonly question?: number;
  readonly usage?: any;
  /** What the ending event says besides the text. */
  readonly end?: { usage?: any; cost?: any; provider?: string; model?: string; error?: any; data?: any };
}

export interface ProductionOptions {
  /** The stream's id, unique in the tenant. Default: a random one. */
  stream?: string;
  title?: string;
  meta?: object;
  /** Default 1. */
  attempt?: number;
  ownerEpoch?: number;
}

/** A stream that this client writes. */
export class Production extends Emitter<{
  /** Somebody asks for it to stop: `close('cancelled')`. */
  cancel: { by: string };
  /** The hub refused it for good. */
  failed: { error: ApusError };
  durable: { tokens: number };
}> {
  readonly room: string;
  readonly id: string;
  readonly attempt: number;
  readonly tokens: number;
  readonly durable: number;
  readonly isOver: boolean;
  readonly ended: Promise<{ state: string; offset: number | null }>;
  /** One token, or several. */
  append(text: string | string[]): this;
  /** Starts again with nothing: the next attempt. */
  restart(): this;
  close(state?: 'done' | 'failed' | 'cancelled', more?: { usage?: object; error?: any }): Promise<{ state: string; offset: number | null }>;
}

export interface RoomOptions {
  /** Events of the first page, 0–500. Default 50. */
  limit?: number;
  /** Ask for who is there. Default true. */
  presence?: boolean;
  /** Ask for the durable watermark. Default true. */
  durable?: boolean;
  /** Events held at most. Default 10 000. */
  keep?: number;
}

export interface RoomNews {
  state: Room['state'];
  /** New events, in order; `live: false` where they were recovered. */
  events: { events: KeptEvent[]; live: boolean };
  /** `events` was replaced as a whole. */
  reset: { reason: 'joined' | 'gap' | 'stale'; from?: number; to?: number; events: KeptEvent[] };
  /** The hub lost what came after `to`; it is no longer in `events`. */
  truncated: { to: number; removed: KeptEvent[] };
  /** Events put in front by `loadOlder`. */
  older: { events: KeptEvent[]; more: boolean };
  /** Events before `first` were let go (`keep`). */
  trimmed: { first: number };
  presence: { people: Person[]; join: Person[]; leave: string[] };
  typing: { users: string[] };
  read: { marks: ReadonlyMap<string, number>; user?: string; upto?: number };
  durable: { offset: number };
  pending: object;
  failed: { entry: Entry; error: ApusError };
  /** Any other ephemeral push. */
  signal: { room: string; kind: string; by?: string; data?: any; [member: string]: any };
  /** A stream was opened, has grown, was superseded, has ended. */
  stream: { stream: Stream };
  gone: { error: ApusError };
}

export class Room extends Emitter<RoomNews> {
  readonly name: string;
  readonly state: 'offline' | 'joining' | 'live' | 'gone';
  readonly events: readonly KeptEvent[];
  readonly more: boolean;
  readonly durable: number;
  readonly people: Person[];
  readonly typists: string[];
  readonly reads: ReadonlyMap<string, number>;
  readonly pending: Entry[];
  /** Open ones by id. */
  readonly streams: ReadonlyMap<string, Stream>;
  /** Asks the room's assistant; the answer is the stream named. */
  ask(question: string | { text: string; [member: string]: any }, options?: { key?: string }): Promise<{ offset: number; stream: string; duplicate?: boolean }>;
  /** Asks for a stream to stop. */
  cancel(stream: string): Promise<void>;
  send(kind: string, data: any, options?: { key?: string }): SendHandle;
  typing(): void;
  signal(kind: string, data?: any): Promise<void>;
  markRead(upto?: number): void;
  loadOlder(limit?: number): Promise<{ events: KeptEvent[]; more: boolean }>;
  history(page?: { before?: number; after?: number; limit?: number }): Promise<{ events: KeptEvent[]; more: boolean; epoch: string }>;
  who(): Promise<Person[]>;
  rejoin(): void;
  leave(): void;
}

export class SendHandle extends Emitter<{ change: SendHandle }> {
  readonly room: string;
  readonly key: string;
  readonly state: 'queued' | 'accepted' | 'durable' | 'failed';
  readonly offset?: number;
  readonly epoch?: string;
  readonly at?: number;
  readonly error?: ApusError;
  readonly accepted: Promise<SendHandle>;
  readonly durable: Promise<SendHandle>;
}

export interface OutboxStore {
  /** Whether other tabs see the same entries. */
  readonly isShared: boolean;
  /** Keeps an entry; its place in the order. */
  add(entry: object): Promise<number>;
  /** Everything, ascending. */
  all(): Promise<Entry[]>;
  remove(seq: number): Promise<void>;
  close(): void;
}

export class MemoryStore implements OutboxStore {
  readonly isShared: boolean;
  add(entry: object): Promise<number>;
  all(): Promise<Entry[]>;
  remove(seq: number): Promise<void>;
  close(): void;
}

export class IndexedDBStore implements OutboxStore {
  constructor(name: string, factory?: any);
  readonly isShared: boolean;
  add(entry: object): Promise<number>;
  all(): Promise<Entry[]>;
  remove(seq: number): Promise<void>;
  close(): void;
}
