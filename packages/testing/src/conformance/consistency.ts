import type { OnlineStore } from '@milonga/core';
import { pause } from './expectations.ts';

/**
 * When a read sees a write: the next one does, as the contract of `OnlineStore` has it, or every one that begins so many
 * milliseconds later, as where replicas answer. The second is a weaker promise: an adapter that makes it says so.
 */
export type Consistency = 'read-your-writes' | { readonly eventualWithinMs: number };

/** A store whose writes resolve when readers may rely on them, so that the same checks hold for both kinds. */
export function settledOnlineStore(store: OnlineStore, consistency: Consistency | undefined): OnlineStore {
  if (consistency === undefined || consistency === 'read-your-writes') return store;
  const settled = async (write: Promise<void>): Promise<void> => {
    await write;
    await pause(consistency.eventualWithinMs);
  };
  return {
    slots: store.slots,
    placement: (key) => store.placement(key),
    readRows: (keys, columns, options) => store.readRows(keys, columns, options),
    readLists: (keys, options) => store.readLists(keys, options),
    writeRows: (rows, options) => settled(store.writeRows(rows, options)),
    deleteRows: (keys, options) => settled(store.deleteRows(keys, options)),
    appendLists: (lists, options) => settled(store.appendLists(lists, options)),
  };
}
