/**
 * Where a person's outbox lives and who drains it: IndexedDB shared by the tabs under a Web Lock
 * where the browser has both, memory otherwise. Without Web Locks (pages without HTTPS) every tab
 * drains the shared store; keys keep that from making doubles.
 */
import { IndexedDBStore } from './outbox-indexeddb.js';
import { MemoryStore } from './outbox-memory.js';
import { LoneTab, SharedTabs } from './outbox-tabs.js';

/**
 * @param {{hub: string, identity: {tenant: string, user: string}, store?: any, clock: any}} owner
 * @returns {{store: any, makeTabs: (hooks: any) => any}}
 */
export function placeOutbox({ hub, identity, store, clock }) {
  const name = ['apus', hub, identity.tenant, identity.user].map(encodeURIComponent).join('|');
  const chosen = store ?? (globalThis.indexedDB ? new IndexedDBStore(name) : new MemoryStore());
  const locks = globalThis.navigator?.locks;
  const { BroadcastChannel } = globalThis;
  const isShared = chosen.isShared && locks && BroadcastChannel;
  return {
    store: chosen,
    makeTabs: (hooks) => (isShared ? new SharedTabs(name, { locks, BroadcastChannel, clock }, hooks) : new LoneTab(hooks)),
  };
}
