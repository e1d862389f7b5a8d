/** Writes what a client sees and does as JSON lines; history.py has the format. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { RealWebSocket } from '../../JS/support/websocket.mjs';

const CHUNK = 1 << 16;

export class Record {
  #file;
  #text = '';
  #connections = 0;

  constructor(path, client, user) {
    this.#file = openSync(path, 'w');
    this.write({ client, user, slots: true });
  }

  write(item) {
    this.line(JSON.stringify(item));
  }

  line(text) {
    this.#text += `${text}\n`;
    if (this.#text.length >= CHUNK) this.#flush();
  }

  #flush() {
    writeSync(this.#file, this.#text);
    this.#text = '';
  }

  close() {
    this.#flush();
    closeSync(this.#file);
  }

  /** A class of WebSockets for one client; everything that passes is written down before anyone sees it. */
  socketClass() {
    const record = this;
    return class extends RealWebSocket {
      waiting = new Set();
      #number = 0;
      #hasEnded = false;

      constructor(...given) {
        super(...given);
        record.socket = this;
        this.addEventListener('open', () => {
          record.#connections += 1;
          this.#number = record.#connections;
          this.#note('open', 'null');
        });
        this.addEventListener('message', ({ data }) => this.#heard(data));
        this.addEventListener('close', ({ code }) => this.#ended(code, ''));
      }

      send(frame) {
        for (const line of frame.split('\n')) {
          this.waiting.add(JSON.parse(line).id);
          this.#note('out', line);
        }
        super.send(frame);
      }

      /** Nothing that comes from now on counts: the client has what it wanted. */
      leave() {
        this.#ended(1000, this.waiting.size === 0 ? ',"clean":true' : '');
      }

      /** Ends without a close frame where the platform can. */
      tear() {
        if (this.terminate) this.terminate();
        else this.close();
      }

      #heard(data) {
        if (this.#hasEnded) return;
        for (const line of data.split('\n')) {
          if (line === '') continue;
          let item;
          try {
            item = JSON.parse(line);
          } catch {
            this.#note('bad', JSON.stringify(line));
            continue;
          }
          this.waiting.delete(item.id);
          this.#note('in', line);
        }
      }

      #ended(code, more) {
        if (this.#number === 0 || this.#hasEnded) return;
        this.#hasEnded = true;
        this.#note('end', `${code || 1006}${more}`);
      }

      #note(member, text) {
        record.line(`{"t":${Math.round(performance.now())},"c":${this.#number},"${member}":${text}}`);
      }
    };
  }
}
