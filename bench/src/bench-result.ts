/** The middle and the tail of a set of measurements. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** A figure with a fixed limit, whatever the peer takes. Has one of `atMost` and `atLeast`, or neither if it only informs. */
export interface BenchLimit {
  /** What was measured, such as `requests/s`. */
  readonly what: string;
  readonly value: number;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** One line of the benchmark table: something of ours beside its limit, measured in turns in the same process. */
export interface BenchResult {
  readonly name: string;
  /** Of all figures but the ratio, such as `us`; of the limits, each says its own. */
  readonly unit: string;
  readonly ours: Percentiles;
  /** What ours is held against. Absent where there is nothing to compare with. */
  readonly peer?: Percentiles & { readonly name: string };
  /** Ours over the peer's, of the medians. Smaller is better. */
  readonly ratio?: number;
  /** The largest ratio that is good enough. Absent where only the limits count. */
  readonly budget?: number;
  readonly limits?: readonly BenchLimit[];
}

/** How a benchmark is run. */
export interface BenchOptions {
  /** A few rounds only: shows that the benchmark works; its figures mean nothing. */
  readonly quick: boolean;
}

/** Measures one thing and says what it found. */
export type Benchmark = (options: BenchOptions) => Promise<readonly BenchResult[]>;
