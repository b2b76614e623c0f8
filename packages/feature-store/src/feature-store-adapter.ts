import {
  Clock,
  Collector,
  CurrentRecommender,
  EventSink,
  FeatureReader,
  HistoricalFeatureReader,
  Lake,
  OnlineStore,
} from '@milonga/core';
import { type Adapter, defineAdapter, provide } from '@milonga/core/app';
import { type CollectorOptions, EventCollector } from './collect/event-collector.ts';
import { LakeFeatureReader } from './history/lake-feature-reader.ts';
import { OnlineFeatureReader } from './online/online-feature-reader.ts';

/** How the feature store works; every field has a default. */
export interface FeatureStoreOptions {
  readonly collector?: CollectorOptions;
}

/**
 * Provides what reads and writes features over the stores of other adapters: `FeatureReader` over the online store,
 * `HistoricalFeatureReader` over the lake, and `Collector` over the event log. Feature views bring it along; name it among
 * the adapters to give options.
 *
 * @example
 * ```ts
 * defineRecommender({ name: 'shop', adapters: [local({ dir }), featureStore({ collector: { maxEventBytes: 16_384 } })], … });
 * ```
 */
export const featureStore = (options: FeatureStoreOptions = {}): Adapter =>
  defineAdapter('feature-store', [
    provide(FeatureReader, { needs: [OnlineStore], create: (store) => new OnlineFeatureReader(store) }),
    provide(HistoricalFeatureReader, { needs: [Lake], create: (lake) => new LakeFeatureReader(lake) }),
    provide(Collector, {
      needs: [CurrentRecommender, EventSink, Clock],
      create: async (recommender, sink, clock) => {
        await sink.ensureTopics(recommender.events.map(({ name }) => ({ name })));
        return new EventCollector(recommender, sink, clock, options.collector);
      },
    }),
  ]);

/** The one that every view brings: equal, so that it is loaded once. */
export const featureStoreAdapter: Adapter = featureStore();
