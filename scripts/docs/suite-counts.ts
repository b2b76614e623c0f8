/** What this needs of vitest's JSON report. */
export interface TestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly status: string;
    }[];
  }[];
}

/** How one adapter did in the suite of one port. */
export interface SuiteCount {
  readonly adapter: string;
  readonly port: string;
  readonly passed: number;
  readonly skipped: number;
  readonly failed: number;
}

const title = /^(.+) conforms to (.+)$/;

/** Counts tests by adapter and port, from the titles that the published suites give their groups. Sorted by both. */
export function suiteCounts(report: TestReport): readonly SuiteCount[] {
  const counts = new Map<string, { adapter: string; port: string; passed: number; skipped: number; failed: number }>();
  for (const { ancestorTitles, status } of report.testResults.flatMap(({ assertionResults }) => assertionResults)) {
    const [, adapter, port] = ancestorTitles.map((one) => title.exec(one)).find((match) => match !== null) ?? [];
    if (adapter === undefined || port === undefined) continue;
    const key = `${adapter}\n${port}`;
    const count = counts.get(key) ?? { adapter, port, passed: 0, skipped: 0, failed: 0 };
    counts.set(key, count);
    if (status === 'passed') count.passed += 1;
    else if (status === 'failed') count.failed += 1;
    else count.skipped += 1;
  }
  return [...counts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count);
}
