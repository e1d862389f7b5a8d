/**
 * The outbox store of browsers: one database per (hub, tenant, user), one object store whose
 * auto-incremented key is the order of sending, also between tabs.
 */
const ENTRIES = 'entries';

export class IndexedDBStore {
  isShared = true;
  #name;
  #factory;
  #database = null;

  /** @param {string} name @param {IDBFactory} [factory] */
  constructor(name, factory = globalThis.indexedDB) {
    this.#name = name;
    this.#factory = factory;
  }

  /** @param {object} entry @returns {Promise<number>} */
  add(entry) {
    const { seq, ...record } = entry;
    // A message that was shown as waiting has to survive a power cut.
    return this.#run('readwrite', (entries) => entries.add(record), { durability: 'strict' });
  }

  /** @returns {Promise<object[]>} */
  all() {
    return this.#run('readonly', (entries) => entries.getAll());
  }

  /** @param {number} seq */
  remove(seq) {
    return this.#run('readwrite', (entries) => entries.delete(seq));
  }

  close() {
    this.#database?.then((database) => database.close()).catch(() => {});
    this.#database = null;
  }

  async #run(mode, ask, options) {
    const database = await this.#open();
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(ENTRIES, mode, options);
      const request = ask(transaction.objectStore(ENTRIES));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? request.error);
    });
  }

  #open() {
    this.#database ??= new Promise((resolve, reject) => {
      const request = this.#factory.open(this.#name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(ENTRIES, { keyPath: 'seq', autoIncrement: true });
      request.onsuccess = () => {
        // A newer version of the page in another tab wants to upgrade: make way.
        request.result.onversionchange = () => this.close();
        resolve(request.result);
      };
      request.onerror = () => reject(request.error);
    });
    // The next call tries again, as after a quota was raised.
    this.#database.catch(() => {
      this.#database = null;
    });
    return this.#database;
  }
}
