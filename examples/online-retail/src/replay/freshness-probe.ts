import { type FeatureReader, type FeatureViewShape, MilongaError } from '@milonga/core';
import { Durations } from '../report/percentiles.ts';

const POLL_MS = 1;
const GIVE_UP_MS = 30_000;

/** Measures how long it takes from handing an event in until its features can be read, by reading them. */
export class FreshnessProbe {
  readonly durations: Durations = new Durations();
  readonly #reader: FeatureReader;
  readonly #view: FeatureViewShape;
  readonly #now: () => number;
  #running: Promise<void> = Promise.resolve();

  constructor(reader: FeatureReader, view: FeatureViewShape, now: () => number) {
    this.#reader = reader;
    this.#view = view;
    this.#now = now;
  }

  /** Starts to look for the event of `key` at `at`; does not wait for it. Call it right before handing the event in. */
  start(key: string, at: number): void {
    this.#running = Promise.all([this.#running, this.#watch(key, at, performance.now())]).then(() => {});
  }

  async #watch(key: string, at: number, startedMs: number): Promise<void> {
    while (performance.now() - startedMs < GIVE_UP_MS) {
      if ((await this.#newestOf(key, at)) >= at) {
        this.durations.add(performance.now() - startedMs);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    this.durations.add(GIVE_UP_MS);
  }

  /** A store that is away for the moment has it when it is back. */
  async #newestOf(key: string, at: number): Promise<number> {
    try {
      const ask = { views: [this.#view], keys: [[key]] };
      const [batch] = await this.#reader.read(ask, { at: Math.max(this.#now(), at + 1) });
      return batch?.newestAt[0] ?? Number.NaN;
    } catch (error) {
      if (!MilongaError.isInstance(error) || !error.isRetryable) throw error;
      return Number.NaN;
    }
  }

  /** Resolves when every event that is looked for was found, or given up. */
  settle(): Promise<void> {
    return this.#running;
  }
}
