import type { Clock, OnlineStore } from '@milonga/core';
import { MemoryOnlineStore } from '../../src/memory/memory-online-store.ts';
import { later } from './broken.ts';

/** A store whose reads come from a replica that is late: right only for who asked for no more. */
export class LaggingReplica extends MemoryOnlineStore {
  readonly #replica: MemoryOnlineStore;
  readonly #lagMs: number;

  constructor(clock: Clock, lagMs: number) {
    super(clock);
    this.#replica = new MemoryOnlineStore(clock);
    this.#lagMs = lagMs;
  }

  override readRows: OnlineStore['readRows'] = (...read) => this.#replica.readRows(...read);
  override readLists: OnlineStore['readLists'] = (...read) => this.#replica.readLists(...read);

  override async writeRows(...write: Parameters<OnlineStore['writeRows']>): Promise<void> {
    await super.writeRows(...write);
    void later(this.#lagMs).then(() => this.#replica.writeRows(write[0]).catch(() => {}));
  }

  override async deleteRows(...write: Parameters<OnlineStore['deleteRows']>): Promise<void> {
    await super.deleteRows(...write);
    void later(this.#lagMs).then(() => this.#replica.deleteRows(write[0]).catch(() => {}));
  }

  override async appendLists(...write: Parameters<OnlineStore['appendLists']>): Promise<void> {
    await super.appendLists(...write);
    void later(this.#lagMs).then(() => this.#replica.appendLists(write[0]).catch(() => {}));
  }

  override close(): void {
    super.close();
    this.#replica.close();
  }
}
