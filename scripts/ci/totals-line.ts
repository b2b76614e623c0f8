/** What is read of the result that vitest's JSON reporter writes. */
export interface VitestResult {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
}

/** The totals of a test run in the form that CI reads; skipped tests are named only if there are some. */
export const totalsLine = ({ numPassedTests, numFailedTests, numPendingTests }: VitestResult): string =>
  `${numPassedTests} passed, ${numFailedTests} failed${numPendingTests > 0 ? `, ${numPendingTests} skipped` : ''}`;
