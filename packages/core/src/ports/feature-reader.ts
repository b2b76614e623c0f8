import type { Entity } from '../event/entity.ts';
import type { Frame } from '../frame/index.ts';
import type { Fields } from '../schema/index.ts';
import { type Port, port } from './port.ts';

/** A feature view as its readers know it: a named group of values of one entity. */
export interface FeatureViewShape<F extends Fields = Fields> {
  readonly kind: 'feature-view';
  readonly name: string;
  readonly entity: Entity;
  /** Types of the values that a read gives. */
  readonly fields: F;
  /** Changes when the definition changes in a way that changes values. */
  readonly fingerprint: string;
}

/** Views of one entity to read for the same keys. */
export interface FeatureRequest<Views extends readonly FeatureViewShape[] = readonly FeatureViewShape[]> {
  /** All of one entity. */
  readonly views: Views;
  /** One column per part of the entity's key, each with one value per row: columns, because a pair has two. */
  readonly keys: readonly (readonly string[])[];
}

/** The values of one view, one row per key, in order. */
export interface FeatureBatch<F extends Fields = Fields> {
  /** Where an entity is unknown, the row holds the value of an entity without events: 0, an empty list, null. */
  readonly frame: Frame<F>;
  /** 1 where the entity has a row, 0 where it is unknown. */
  readonly found: Uint8Array;
  /** Event time (Unix ms) of the newest event in the row; NaN where unknown. */
  readonly newestAt: Float64Array;
}

/**
 * Reads feature values as of a moment. Two implementations give the same values: one over the online store, for `at` =
 * now, and one over the lake, for any moment of the past.
 *
 * - One read per entity, however many views. Length-preserving: one row per key, in order; the same key twice gives the
 *   same row twice.
 * - What a window holds at `at`: events with `eventAt >= floor(at - length, hop)`, `eventAt < at`, known at `at`.
 * - Rejects with the store's error when it cannot be read; a request's stage decides what then.
 */
export interface FeatureReader {
  read<const Views extends readonly FeatureViewShape[]>(
    request: FeatureRequest<Views>,
    options: {
      /** Unix ms. */
      readonly at: number;
      readonly signal?: AbortSignal;
    },
  ): Promise<{ readonly [At in keyof Views]: Views[At] extends FeatureViewShape<infer F> ? FeatureBatch<F> : never }>;
}

/** Reads what requests need, now. */
export const FeatureReader: Port<FeatureReader> = port<FeatureReader>('feature-reader/1');

/** Reads the past, for training sets and for checking the online values. Concurrent reads are put together. */
export const HistoricalFeatureReader: Port<FeatureReader> = port<FeatureReader>('historical-feature-reader/1');
