import { type Clock, METRICS, measure } from '@milonga/core';
import { LRUCache } from 'lru-cache';
import type { Settings } from '../pipeline/settings.ts';
import type { CachedSlate } from './cached-slate.ts';

/** Slates by key, for a while, and not too many. */
export class SlateCache {
  readonly #pipeline: string;
  readonly #slates: LRUCache<string, CachedSlate>;

  constructor(pipeline: string, { ttl, maxEntries }: NonNullable<Settings['cache']>, clock: Clock) {
    this.#pipeline = pipeline;
    this.#slates = new LRUCache({ max: maxEntries, ttl: ttl.ms, ttlResolution: 0, perf: { now: () => clock.now() } });
  }

  get(key: string): CachedSlate | undefined {
    const slate = this.#slates.get(key);
    measure(METRICS.resultCache, 1, { pipeline: this.#pipeline, outcome: slate === undefined ? 'miss' : 'hit' });
    return slate;
  }

  set(key: string, slate: CachedSlate): void {
    this.#slates.set(key, slate);
  }
}
