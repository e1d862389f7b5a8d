/**
 * Apus for JavaScript: `import { connect } from './apus.js'`.
 * README.md tells how to use it, apus.d.ts what there is.
 */
import { Apus } from './client.js';

export { Apus, VERSION } from './client.js';
export { ApusError } from './errors.js';
export { IndexedDBStore } from './outbox-indexeddb.js';
export { MemoryStore } from './outbox-memory.js';
export { Production } from './production.js';

/**
 * Makes a client and connects it.
 * @param {import('./apus.d.ts').ApusOptions} options
 */
export function connect(options) {
  const client = new Apus(options);
  client.connect();
  return client;
}
