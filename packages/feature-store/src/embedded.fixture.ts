import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { local } from '@milonga/adapters-local';
import {
  Clock,
  Collector,
  CurrentRecommender,
  defineRecommender,
  type EventDefinition,
  EventSink,
  EventSource,
  FeatureReader,
  type FeatureViewShape,
  HistoricalFeatureReader,
  Lake,
  OfflineStore,
  OnlineStore,
  type Part,
  silentLogger,
} from '@milonga/core';
import { createApp, defineAdapter, provide } from '@milonga/core/app';
import { type TestClock, testClock } from '@milonga/testing';
import { featureStore } from './feature-store-adapter.ts';
import { runLakeSink } from './lake/run-lake-sink.ts';
import { runMaterialiser } from './materialise/run-materialiser.ts';
import { runTiles } from './tiles/run-tiles.ts';

type Running = Awaited<ReturnType<typeof runTiles>>;

/** Everything that a feature store stands on, on a directory of its own, with a clock that the test drives. */
export interface Embedded extends AsyncDisposable {
  readonly clock: TestClock;
  readonly sink: EventSink;
  readonly source: EventSource;
  readonly store: OfflineStore;
  readonly online: OnlineStore;
  readonly lake: Lake;
  readonly collector: Collector;
  readonly features: FeatureReader;
  readonly history: FeatureReader;
}

/** Opens the stores for some events and views; nothing runs yet. */
export async function embedded(
  events: readonly EventDefinition[],
  views: readonly (FeatureViewShape & Part)[],
  options: { readonly now: number; readonly partitions?: number },
): Promise<Embedded> {
  const dir = mkdtempSync(join(tmpdir(), 'milonga-feature-store-'));
  const clock = testClock({ now: options.now });
  const recommender = defineRecommender({ name: 'test', adapters: [], events, views });
  const app = createApp([
    local({ dir, partitions: options.partitions ?? 2, retryDelayMs: 5 }),
    featureStore(),
    defineAdapter('test', [
      provide(Clock, { create: () => clock }),
      provide(CurrentRecommender, { create: () => recommender }),
    ]),
  ]);
  const ports = await app.resolve({
    sink: EventSink,
    source: EventSource,
    store: OfflineStore,
    online: OnlineStore,
    lake: Lake,
    collector: Collector,
    features: FeatureReader,
    history: HistoricalFeatureReader,
  });
  return {
    clock,
    ...ports,
    [Symbol.asyncDispose]: async () => {
      await app.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The whole journey of a view, and of the events it is made of. */
export interface Journey {
  /** Everything handed in before is absorbed, materialised and in the lake. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** Runs tiles, materialisers and lake sinks over the stores. */
export async function runJourney(
  world: Embedded,
  events: readonly EventDefinition[],
  views: readonly FeatureViewShape[],
): Promise<Journey> {
  const ports = { ...world, log: silentLogger };
  const lake: Running[] = await Promise.all(events.map((event) => runLakeSink(event, ports, { maxDelayMs: 20 })));
  const tiles = await Promise.all(views.map((view) => runTiles(view, ports)));
  const materialisers = await Promise.all(views.map((view) => runMaterialiser(view, views, ports)));
  return {
    settle: async () => {
      await Promise.all([...lake, ...tiles].map((role) => role.settle()));
      await Promise.all(materialisers.map((role) => role.settle()));
    },
    stop: async () => {
      await Promise.all([...tiles, ...materialisers, ...lake].map((role) => role.stop()));
    },
  };
}
