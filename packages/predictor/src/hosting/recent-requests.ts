import type { Frame } from '@milonga/core';

const MOST_ROWS = 512;

/** The inputs of the last few calls, for comparing a new version with the live one on real traffic. Bounded. */
export class RecentRequests {
  readonly #frames: Frame[] = [];
  readonly #limit: number;
  #next = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Keeps a copy of the columns that the model reads; the caller's frame is free afterwards. */
  add(rows: Frame, inputs: readonly string[]): void {
    if (this.#limit === 0 || rows.length === 0) return;
    const length = Math.min(rows.length, MOST_ROWS);
    const kept = rows.select(inputs).take(Int32Array.from({ length }, (_, row) => row));
    this.#frames[this.#next] = kept;
    this.#next = (this.#next + 1) % this.#limit;
  }

  get frames(): readonly Frame[] {
    return this.#frames.slice();
  }
}
