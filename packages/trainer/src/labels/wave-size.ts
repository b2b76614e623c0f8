import type { Frame } from '@milonga/core';

/** Memory for the candidates of one wave, about. */
const MOST_BYTES = 128 * 1_024 ** 2;
/** The first wave shows how large candidates are. */
const FIRST = 512;

/** How many label groups may be in work at once: as many as memory allows. */
export class WaveSize {
  readonly #most: number;
  #next: number;

  constructor(most: number) {
    this.#most = most;
    this.#next = Math.min(FIRST, most);
  }

  get next(): number {
    return this.#next;
  }

  /** Takes the largest candidates of a wave as the measure for the next. */
  learn(wave: readonly Frame[]): void {
    const largest = wave.reduce((most, frame) => Math.max(most, bytesOf(frame)), 1);
    this.#next = Math.max(1, Math.min(this.#most, Math.floor(MOST_BYTES / largest)));
  }
}

/** Values and validity; strings are shared, and not counted. */
const bytesOf = ({ columns }: Frame): number =>
  columns.reduce(
    (sum, { values, validity, offsets }) =>
      sum + values.byteLength + (validity?.byteLength ?? 0) + (offsets?.byteLength ?? 0),
    0,
  );
