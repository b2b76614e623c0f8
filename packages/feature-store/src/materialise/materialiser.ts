import {
  type Clock,
  METRICS,
  measure,
  type OfflineStore,
  type OnlineRowWrite,
  type OnlineStore,
  SPANS,
  type TimeToLive,
  tracer,
} from '@milonga/core';
import { entityKey, type KeyParts } from '../keys/entity-key.ts';
import { onlineKey } from '../keys/online-key.ts';
import type { CompiledView } from '../view/compiled-view.ts';
import { type Generation, generationOf } from '../view/generation.ts';
import { viewValue } from './write-value.ts';

/** What a materialiser reads and writes. */
export interface MaterialisePorts {
  readonly store: OfflineStore;
  readonly online: OnlineStore;
  readonly clock: Clock;
}

const ROWS_AT_ONCE = 500;

/**
 * Turns the tiles of changed entities into their online values. Requests that come while it works are put together, so an
 * entity that changes often is written as often as it can be, not more.
 */
export class Materialiser {
  readonly #view: CompiledView;
  readonly #names: Generation;
  readonly #ports: MaterialisePorts;
  readonly #timeToLive: TimeToLive;
  #pending = new Map<string, KeyParts>();
  #next: Promise<void> | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(view: CompiledView, ports: MaterialisePorts, timeToLive: TimeToLive) {
    this.#view = view;
    this.#names = generationOf(view);
    this.#ports = ports;
    this.#timeToLive = timeToLive;
  }

  /** Resolves when the online rows of the entities hold what their tiles held at the call. */
  materialise(entities: readonly KeyParts[]): Promise<void> {
    for (const parts of entities) this.#pending.set(onlineKey(this.#view.entity.name, parts), parts);
    this.#next ??= this.#running.then(() => this.#begin());
    return this.#next;
  }

  #begin(): Promise<void> {
    const entities = [...this.#pending];
    this.#pending = new Map();
    this.#next = undefined;
    const work = this.#write(entities);
    this.#running = work.catch(() => {}); // whoever asked for it sees the failure
    return work;
  }

  async #write(entities: readonly (readonly [string, KeyParts])[]): Promise<void> {
    await tracer().startActiveSpan(SPANS.materialiseBatch, { attributes: { view: this.#view.name } }, async (span) => {
      try {
        for (let start = 0; start < entities.length; start += ROWS_AT_ONCE)
          await this.#writeSome(entities.slice(start, start + ROWS_AT_ONCE));
      } finally {
        span.end();
      }
    });
  }

  async #writeSome(entities: readonly (readonly [string, KeyParts])[]): Promise<void> {
    const { store, online, clock } = this.#ports;
    const { table, column } = this.#names;
    const rows = await store.readRows(
      table,
      entities.map(([, parts]) => entityKey(parts)),
    );
    const now = clock.now();
    const writes = entities.map(
      ([key], at): OnlineRowWrite => ({
        key,
        columns: { [column]: viewValue(this.#view, rows[at], now) },
        timeToLive: this.#timeToLive,
      }),
    );
    await online.writeRows(writes);
    measure(METRICS.rowsMaterialised!, writes.length, { view: this.#view.name });
  }
}
