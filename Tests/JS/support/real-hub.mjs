/**
 * The hub itself. `APUS_BINARY` names the executable; it is started with a data folder of its own
 * and found by the address it prints. `APUS_URL` instead names one that runs already: it cannot be
 * killed, so the tests that do so need the binary.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const WEB_ROOT = fileURLToPath(new URL('../../../clients', import.meta.url));

export const binary = process.env.APUS_BINARY;
export const address = process.env.APUS_URL;

export class RealHub {
  #process = null;
  #data = null;
  #errors = '';

  async start() {
    if (!binary) {
      this.url = address;
      return this;
    }
    this.#data ??= await mkdtemp(join(tmpdir(), 'apus-js-'));
    const port = this.url ? new URL(this.url).port : '0';
    this.#process = spawn(binary, ['serve', '--port', port, '--demo', '--data', this.#data], {
      env: { ...process.env, APUS_BINARY: undefined, APUS_WEB_ROOT: WEB_ROOT },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process.stderr.on('data', (text) => (this.#errors += text));
    for await (const line of createInterface(this.#process.stdout)) {
      const found = /^listening on (http:\/\/[^/\s]+)/.exec(line);
      if (!found) continue;
      this.url = found[1];
      this.#process.stdout.resume();
      return this;
    }
    throw new Error(`the hub did not start\n${this.#errors}`);
  }

  /** Ends the process and waits for its end. @param {NodeJS.Signals} signal */
  async end(signal) {
    if (!this.#process) return null;
    const { promise, resolve } = deferred();
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) resolve();
    else this.#process.once('exit', resolve);
    this.#process.kill(signal);
    await promise;
    return this.#process.exitCode;
  }

  /** Ends for good and removes the data. */
  async remove() {
    await this.end('SIGKILL');
    if (this.#data) await rm(this.#data, { recursive: true, force: true });
  }

  /** A token of one of the demo's people. */
  async token(user) {
    const answer = await fetch(`${this.url}/demo/login`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ user }) });
    if (!answer.ok) throw new Error(`POST /demo/login: ${answer.status} ${await answer.text()}`);
    return (await answer.json()).token;
  }
}

/** A promise with its ends in hand. */
export function deferred() {
  let resolve;
  const promise = new Promise((done) => (resolve = done));
  return { promise, resolve };
}

/** Waits until a condition holds; looks anew at each of these events. No polling, no sleeping. */
export async function until(condition, emitters, { patience = 20_000, what = String(condition) } = {}) {
  if (condition()) return;
  const { promise, resolve } = deferred();
  const offs = emitters.flatMap(([emitter, ...names]) => names.map((name) => emitter.on(name, () => condition() && resolve(true))));
  AbortSignal.timeout(patience).addEventListener('abort', () => resolve(false));
  const held = await promise;
  for (const off of offs) off();
  if (!held) throw new Error(`not within ${patience} ms: ${what}`);
}
