import { expect, test } from 'vitest';
import { totalsLine } from './totals-line.ts';

test('says how many passed and failed, and skipped only if some were', () => {
  expect(totalsLine({ numPassedTests: 12, numFailedTests: 1, numPendingTests: 0 })).toBe('12 passed, 1 failed');
  expect(totalsLine({ numPassedTests: 12, numFailedTests: 0, numPendingTests: 2 })).toBe(
    '12 passed, 0 failed, 2 skipped',
  );
});
