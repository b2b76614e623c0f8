import { type Frame, Interner } from '@milonga/core';

const MOST_ROWS = 512;
/** One call in so many is remembered: enough to compare versions on, cheap enough for every call. */
const EVERY = 16;
const firstRows = Int32Array.from({ length: MOST_ROWS }, (_, row) => row);

/** The inputs of the last few calls, for comparing a new version with the live one on real traffic. Bounded. */
export class RecentRequests {
  readonly #frames: Frame[] = [];
  readonly #inputs: readonly string[];
  readonly #limit: number;
  #calls = 0;
  #next = 0;

  constructor(inputs: readonly string[], limit: number) {
    this.#inputs = inputs;
    this.#limit = limit;
  }

  /** Counts a call; keeps a copy of what the model reads of every sixteenth. The caller's frame and strings are free afterwards. */
  remember(rows: Frame): void {
    if (this.#calls++ % EVERY !== 0 || this.#limit === 0 || rows.length === 0) return;
    let kept = rows.select(this.#inputs).take(firstRows.subarray(0, Math.min(rows.length, MOST_ROWS)));
    for (const name of this.#inputs)
      if (kept.layout.schema[name]?.kind === 'string') kept = kept.interned(name, new Interner());
    this.#frames[this.#next] = kept;
    this.#next = (this.#next + 1) % this.#limit;
  }

  get frames(): readonly Frame[] {
    return this.#frames.slice();
  }
}
