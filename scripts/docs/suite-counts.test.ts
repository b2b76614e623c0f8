import { expect, test } from 'vitest';
import { suiteCounts } from './suite-counts.ts';

const result = (ancestorTitles: readonly string[], status: string) => ({ ancestorTitles, status });

test('counts the tests of published suites by adapter and port, and no others', () => {
  const store = ['redis', 'redis conforms to OnlineStore', 'rows'];
  const report = {
    testResults: [
      { assertionResults: [result(store, 'passed'), result(store, 'passed'), result(store, 'pending')] },
      {
        assertionResults: [
          result(['kafka conforms to EventSink and EventSource'], 'failed'),
          result(['other'], 'passed'),
        ],
      },
    ],
  };
  expect(suiteCounts(report)).toEqual([
    { adapter: 'kafka', port: 'EventSink and EventSource', passed: 0, skipped: 0, failed: 1 },
    { adapter: 'redis', port: 'OnlineStore', passed: 2, skipped: 1, failed: 0 },
  ]);
});
