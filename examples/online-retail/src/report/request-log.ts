import type { Recommendation } from '@milonga/core';
import { Durations } from './percentiles.ts';
import type { Report, RequestFigures } from './report.ts';

/** Counts requests and their time, those during swaps apart. */
export class RequestLog {
  readonly #all = new RequestCounter();
  readonly #duringSwaps = new RequestCounter();
  /** True while models train and swap. */
  isSwapping = false;

  /** Runs one request; a failure is counted and gives `undefined`. */
  async measure(request: () => Promise<Recommendation>): Promise<Recommendation | undefined> {
    const wasSwapping = this.isSwapping;
    const startedMs = performance.now();
    let answer: Recommendation | undefined;
    let failure: unknown;
    try {
      answer = await request();
    } catch (error) {
      failure = error;
    }
    const durationMs = performance.now() - startedMs;
    for (const counter of wasSwapping || this.isSwapping ? [this.#all, this.#duringSwaps] : [this.#all]) {
      counter.add(durationMs, answer, failure);
    }
    return answer;
  }

  get figures(): Report['requests'] {
    return { ...this.#all.figures, duringSwaps: this.#duringSwaps.figures, failures: this.#all.failures };
  }
}

class RequestCounter {
  readonly #durations = new Durations();
  readonly failures: string[] = [];
  #failed = 0;
  #degraded = 0;

  add(durationMs: number, answer: Recommendation | undefined, failure: unknown): void {
    this.#durations.add(durationMs);
    if (answer === undefined) {
      this.#failed += 1;
      if (this.failures.length < 5) this.failures.push(failure instanceof Error ? failure.message : String(failure));
    } else if (answer.degraded.length > 0) this.#degraded += 1;
  }

  get figures(): RequestFigures {
    return {
      count: this.#durations.count,
      failed: this.#failed,
      degraded: this.#degraded,
      p50Ms: this.#durations.percentile(0.5),
      p99Ms: this.#durations.percentile(0.99),
    };
  }
}
