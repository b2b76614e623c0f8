import type { EventSource, FeatureViewShape } from '@milonga/core';
import { type RunningConsumer, runConsumer } from '../streams/run-consumer.ts';
import { compiledView } from '../view/compiled-view.ts';
import { generationOf } from '../view/generation.ts';
import { tilesTable } from './row-layout.ts';
import { type TilePorts, TileWorker } from './tile-worker.ts';

/** A row is read and written once a batch: the larger the batch, the more events share that. */
const MOST_BATCH_EVENTS = 10_000;

/** What {@link runTiles} needs. */
export interface RunTilesPorts extends TilePorts {
  readonly source: EventSource;
}

/**
 * Keeps the tiles of a view up to date: the role `tiles` of one view, as a function over ports, for processes of your own.
 *
 * Events are counted once, whatever is delivered again; what changed is published to the view's internal topic, from which
 * {@link runMaterialiser} works. Scales by starting it in more processes.
 *
 * @example
 * ```ts
 * const tiles = await runTiles(streamerActivity, { source, sink, store, log });
 * await tiles.settle(); // everything published before is absorbed
 * await tiles.stop();
 * ```
 */
export async function runTiles(view: FeatureViewShape, ports: RunTilesPorts): Promise<RunningConsumer> {
  const compiled = compiledView(view);
  const names = generationOf(compiled);
  const { sink, store } = ports;
  await sink.ensureTopics([{ name: compiled.event.name }, { name: names.changedTopic }]);
  await store.ensureTables([tilesTable(compiled)]);
  const worker = new TileWorker(compiled, ports);
  return runConsumer(
    ports,
    { topic: compiled.event.name, group: names.tilesGroup, maxBatchEvents: MOST_BATCH_EVENTS },
    (batch) => worker.absorb(batch),
  );
}
