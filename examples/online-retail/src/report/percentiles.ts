/** Durations of one kind, in milliseconds. Keeps at most 100,000 of them; later ones replace at random. */
export class Durations {
  readonly #kept: number[] = [];
  #count = 0;

  add(durationMs: number): void {
    this.#count += 1;
    if (this.#kept.length < 100_000) this.#kept.push(durationMs);
    else if (Math.random() * this.#count < 100_000) this.#kept[Math.floor(Math.random() * 100_000)] = durationMs;
  }

  get count(): number {
    return this.#count;
  }

  /** Null when nothing was measured. */
  percentile(share: number): number | null {
    const sorted = Float64Array.from(this.#kept).sort();
    const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    return value === undefined ? null : Math.round(value * 1_000) / 1_000;
  }
}
