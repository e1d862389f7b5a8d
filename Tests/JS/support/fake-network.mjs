/**
 * WebSockets that end in whatever the test puts behind them: either a hub model, or the test
 * itself, which reads `sent` and calls `open`, `say` and `drop`.
 */
export class FakeNetwork {
  /** Every socket ever made, in order. */
  sockets = [];
  /** A refused connection: closes with 1006 before it opens. */
  isDown = false;

  /** @param {{accept: (peer: object) => {receive: (frame: string) => void, gone: () => void}} | null} [hub] */
  constructor(hub = null) {
    this.hub = hub;
    const network = this;
    this.WebSocket = class extends FakeSocket {
      constructor(url, protocol) {
        super(url, protocol);
        network.sockets.push(this);
        if (network.hub || network.isDown) queueMicrotask(() => network.#connect(this));
      }
    };
  }

  get last() {
    return this.sockets[this.sockets.length - 1];
  }

  #connect(socket) {
    if (socket.readyState !== 0) return;
    if (this.isDown) {
      socket.drop(1006);
      return;
    }
    socket.end = this.hub.accept({
      send: (frame) => queueMicrotask(() => socket.say(frame)),
      close: (code, reason) => queueMicrotask(() => socket.drop(code, reason)),
    });
    socket.open();
  }
}

class FakeSocket {
  readyState = 0;
  sent = [];
  end = null;
  closedWith = null;

  constructor(url, protocol) {
    this.url = url;
    this.protocol = protocol;
  }

  send(frame) {
    if (this.readyState !== 1) throw new Error('InvalidStateError');
    this.sent.push(frame);
    this.end?.receive(frame);
  }

  close(code) {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.closedWith = code ?? null;
    this.end?.gone();
  }

  open() {
    this.readyState = 1;
    this.onopen?.({});
  }

  /** A frame arrives. @param {string | object} frame */
  say(frame) {
    if (this.readyState === 3) return;
    this.onmessage?.({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) });
  }

  /** The connection ends from the other side. */
  drop(code = 1006, reason = '') {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.end?.gone();
    this.onclose?.({ code, reason });
  }

  /** All commands sent, frames taken apart. */
  get commands() {
    return this.sent.flatMap((frame) => frame.split('\n')).map((line) => JSON.parse(line));
  }
}
