import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deadlineAfter, throwIfAborted } from './deadline.ts';
import { days, minutes, seconds } from './duration.ts';

describe('Deadline', () => {
  it('never gives a part more than what remains less the reserve', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.nat(1_000), fc.nat(1_000), fc.nat(1_000), (start, budgetMs, limitMs, reserveMs) => {
        const whole = deadlineAfter(start, budgetMs);
        const part = whole.split(start, { limitMs, reserveMs });
        expect(part.remainingMs(start)).toBe(Math.min(limitMs, budgetMs - reserveMs));
        expect(part.atMs).toBeLessThanOrEqual(whole.atMs);
      }),
    );
  });

  it('refuses work that was cancelled', () => {
    expect(() => throwIfAborted(AbortSignal.abort('why'), 'Reading')).toThrow('Reading was cancelled.');
    expect(() => throwIfAborted(undefined, 'Reading')).not.toThrow();
  });
});

describe('Duration', () => {
  it('knows its unit', () => {
    expect([seconds(2).ms, minutes(1.5).ms, days(1).ms]).toEqual([2_000, 90_000, 86_400_000]);
    expect(() => minutes(-1)).toThrow(RangeError);
  });
});
