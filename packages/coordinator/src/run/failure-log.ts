import { type Logger, messageOf } from '@milonga/core';

/** One line per stage in this time; it says how many failures it stands for. */
const EVERY_MS = 1_000;

/** Logs failures of stages, so many lines and no more: a store that is down must not fill a disk. */
export class FailureLog {
  readonly #pipeline: string;
  readonly #log: Logger;
  readonly #latest: Map<string, { atMs: number; withheld: number }> = new Map();

  constructor(pipeline: string, log: Logger) {
    this.#pipeline = pipeline;
    this.#log = log;
  }

  /** `stage` is bounded: the names of a definition. */
  add(message: string, stage: string, error: unknown, nowMs: number): void {
    const latest = this.#latest.get(stage);
    if (latest !== undefined && nowMs - latest.atMs < EVERY_MS) {
      latest.withheld += 1;
      return;
    }
    this.#latest.set(stage, { atMs: nowMs, withheld: 0 });
    this.#log.warn(message, {
      pipeline: this.#pipeline,
      stage,
      error: messageOf(error),
      withheld: latest?.withheld ?? 0,
    });
  }
}
