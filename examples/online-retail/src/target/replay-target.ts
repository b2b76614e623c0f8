import type { Collector, FeatureReader, Lake, ModelRegistry, Recommendations } from '@milonga/core';
import type { FireReport } from './fire.ts';

/** The recommender that a replay drives, wherever its roles run. */
export interface ReplayTarget {
  /** Where it can be looked at. */
  readonly url: string;
  readonly collector: Collector;
  readonly recommendations: Recommendations;
  /** Reads the online store, beside the recommender. */
  readonly features: FeatureReader;
  readonly registry: ModelRegistry;
  readonly lake: Lake;
  now(): number;
  /** Moves the clock of every role; timers that come due fire. What was handed in before was handed in before. */
  advanceTo(at: number): Promise<void>;
  /** Resolves when a role has handled everything that was there at the call. */
  settle(role: string): Promise<void>;
  /** Kills the processes of the roles, each so many times, from now on; returns what ends that. Embedded: undefined. */
  readonly setOnFire: ((kills: number) => () => Promise<FireReport>) | undefined;
  /** Peak resident memory of all processes together, bytes. */
  peakRssBytes(): Promise<number>;
  /** Resolves when a signal has ended it. */
  serve(): Promise<void>;
  stop(): Promise<void>;
}
