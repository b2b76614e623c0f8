import {
  type EventBatch,
  type EventSink,
  type Logger,
  METRICS,
  MilongaError,
  type MutationOutcome,
  measure,
  type OfflineStore,
  type RowMutation,
  SPANS,
  throwIfAborted,
  tracer,
} from '@milonga/core';
import type { CompiledView } from '../view/compiled-view.ts';
import { type Generation, generationOf } from '../view/generation.ts';
import { changeMessages } from './changed-entities.ts';
import { type EntityBatch, type GroupedBatch, groupByEntity } from './entity-batches.ts';
import { RowAbsorber } from './row-absorber.ts';

/** What the tiles of a view need. */
export interface TilePorts {
  readonly store: OfflineStore;
  readonly sink: EventSink;
  readonly log: Logger;
  readonly signal?: AbortSignal;
}

/** Rows of one read and one write. */
const ROWS_AT_ONCE = 1_000;
/** Another worker that changes the same row is a zombie or our successor: one of the two ends soon. */
const MOST_CONFLICTS = 10;

/** Absorbs batches of events into the tiles of one view. */
export class TileWorker {
  readonly #view: CompiledView;
  readonly #names: Generation;
  readonly #ports: TilePorts;

  constructor(view: CompiledView, ports: TilePorts) {
    this.#view = view;
    this.#names = generationOf(view);
    this.#ports = ports;
  }

  /**
   * Absorbs a batch of one partition. Resolved means: tiles durable, changed entities published. Safe to repeat at any
   * point: rows know what they have absorbed, and entities are published again.
   */
  async absorb(batch: EventBatch): Promise<void> {
    await tracer().startActiveSpan(SPANS.tilesBatch, { attributes: { view: this.#view.name } }, async (span) => {
      try {
        throwIfAborted(this.#ports.signal, 'Absorbing events');
        const grouped = groupByEntity(this.#view, batch, this.#ports.log);
        const absorber = new RowAbsorber(this.#view, batch.partition);
        for (let start = 0; start < grouped.entities.length; start += ROWS_AT_ONCE) {
          await this.#absorbRows(absorber, grouped.entities.slice(start, start + ROWS_AT_ONCE));
        }
        await this.#publish(batch, grouped);
        this.#measure(absorber, grouped);
      } finally {
        span.end();
      }
    });
  }

  async #absorbRows(absorber: RowAbsorber, entities: readonly EntityBatch[]): Promise<void> {
    const { store } = this.#ports;
    const { table } = this.#names;
    let left = entities;
    for (let attempt = 0; left.length > 0; attempt += 1) {
      if (attempt > MOST_CONFLICTS) throw conflict(this.#view.name, left.length);
      const rows = await store.readRows(
        table,
        left.map(({ key }) => key),
      );
      const changed: EntityBatch[] = [];
      const mutations: RowMutation[] = [];
      const absorbedBy: number[] = [];
      for (let at = 0; at < left.length; at += 1) {
        const absorbedBefore = absorber.counts.absorbed;
        const mutation = absorber.absorb(left[at]!.key, rows[at], left[at]!.events);
        if (mutation === undefined) continue;
        mutations.push(mutation);
        changed.push(left[at]!);
        absorbedBy.push(absorber.counts.absorbed - absorbedBefore);
      }
      const outcomes = await store.mutateRows(table, mutations);
      left = changed.filter((_entity, at) => {
        if (!isRejected(outcomes[at]!)) return false;
        absorber.counts.absorbed -= absorbedBy[at]!; // the next attempt counts them
        return true;
      });
    }
  }

  async #publish(batch: EventBatch, { entities, newestEventAt, oldestIngestedAt }: GroupedBatch): Promise<void> {
    if (entities.length === 0) return;
    const messages = changeMessages(
      this.#view.entity.name,
      entities.map(({ parts }) => parts),
      {
        topic: batch.topic,
        partition: batch.partition,
        first: batch.events[0]!.offset,
        last: batch.events.at(-1)!.offset,
        newestEventAt,
        oldestIngestedAt,
      },
    );
    for (const outcome of await this.#ports.sink.publish(this.#names.changedTopic, messages)) {
      if (outcome.status === 'failed') throw outcome.error;
    }
  }

  #measure({ counts }: RowAbsorber, { late, filtered, undecodable }: GroupedBatch): void {
    for (const [outcome, events] of Object.entries({ ...counts, late, filtered, undecodable })) {
      if (events > 0) measure(METRICS.eventsAbsorbed!, events, { view: this.#view.name, outcome });
    }
  }
}

function isRejected(outcome: MutationOutcome): boolean {
  if (outcome.status === 'failed') throw outcome.error;
  return outcome.status === 'rejected';
}

const conflict = (view: string, rows: number): MilongaError =>
  new MilongaError(
    'MILONGA_OFFLINE_STORE_UNAVAILABLE',
    `${rows} rows of view "${view}" were changed by somebody else ${MOST_CONFLICTS} times in a row; another worker absorbs the same partition.`,
    { isRetryable: true },
  );
