/** A real WebSocket: the platform's own (Node ≥ 22), else Debian's node-ws. */
import { createRequire } from 'node:module';

function installed() {
  const require = createRequire(import.meta.url);
  for (const place of ['ws', '/usr/share/nodejs/ws']) {
    try {
      return require(place);
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new Error('this Node has no WebSocket: install the Debian package node-ws');
}

export const RealWebSocket = globalThis.WebSocket ?? installed();
