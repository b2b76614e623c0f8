/** What one check of a version found before it may take traffic. */
export interface SwapCheck {
  readonly check: 'baseline' | 'retrieval' | 'latency' | 'distribution' | (string & {});
  readonly passed: boolean;
  /** In words: what was expected and found. */
  readonly reason: string;
  readonly figures: Readonly<Record<string, number>>;
}

/** What the gate decided. */
export interface SwapReport {
  readonly passed: boolean;
  readonly checks: readonly SwapCheck[];
}

/** Limits of the gate; each is documented with its default. */
export interface SwapLimits {
  /** Median time to score the baseline's rows once. Default: 50 ms. */
  readonly latencyMs?: number;
  /**
   * Largest Kolmogorov-Smirnov distance between the scores of the live and the new version on the same recent requests.
   * Default: 0.95, which lets pass what at least overlaps.
   */
  readonly distributionDistance?: number;
  /** Recent requests whose rows are kept for the comparison. Default: 32, of at most 512 rows each. */
  readonly recentRequests?: number;
  /** Longest time from fetching a version to the verdict on it; then it is rejected. Default: 120,000 ms. */
  readonly verdictMs?: number;
}
