import {
  type EventBatch,
  type EventSink,
  type EventSource,
  type FeatureViewShape,
  type Logger,
  METRICS,
  measure,
} from '@milonga/core';
import type { KeyParts } from '../keys/entity-key.ts';
import { type RunningConsumer, runConsumer } from '../streams/run-consumer.ts';
import { changedEntities } from '../tiles/changed-entities.ts';
import { tilesTable } from '../tiles/row-layout.ts';
import { compiledView } from '../view/compiled-view.ts';
import { generationOf } from '../view/generation.ts';
import { type MaterialisePorts, Materialiser } from './materialiser.ts';
import { timeToLiveOf } from './time-to-live.ts';

/** What {@link runMaterialiser} needs. */
export interface RunMaterialiserPorts extends MaterialisePorts {
  readonly source: EventSource;
  readonly sink: EventSink;
  readonly log: Logger;
  readonly signal?: AbortSignal;
}

/**
 * Keeps the online values of a view up to date: the role `materialise` of one view, as a function over ports.
 *
 * It follows the entities that {@link runTiles} says have changed, and so reads tiles only when they are there.
 *
 * @param siblings All views of the same entity, which share its online row: the row lives as long as any of them needs it.
 * @example
 * ```ts
 * const materialiser = await runMaterialiser(streamerActivity, [streamerActivity], { source, sink, store, online, clock, log });
 * await materialiser.settle();
 * ```
 */
export async function runMaterialiser(
  view: FeatureViewShape,
  siblings: readonly FeatureViewShape[],
  ports: RunMaterialiserPorts,
): Promise<RunningConsumer> {
  const compiled = compiledView(view);
  const names = generationOf(compiled);
  const { sink, store, clock } = ports;
  await sink.ensureTopics([{ name: names.changedTopic }]);
  await store.ensureTables([tilesTable(compiled)]);
  const materialiser = new Materialiser(compiled, ports, timeToLiveOf(siblings.map(compiledView)));
  return runConsumer(ports, { topic: names.changedTopic, group: names.materialiseGroup }, async (batch) => {
    await materialiser.materialise(entitiesOf(batch, compiled.entity.keys.length));
    const now = clock.now();
    for (const { ingestedAt } of batch.events)
      measure(METRICS.freshness!, Math.max(0, now - ingestedAt), { view: view.name });
  });
}

const entitiesOf = (batch: EventBatch, width: number): readonly KeyParts[] =>
  batch.events.flatMap(({ value }) => changedEntities(value, width));
