import type { BenchLimit, BenchResult } from './bench-result.ts';

/** What a result promised and did not keep, in words; empty when all is well. */
export function shortfallsOf({ name, ratio, budget, peer, limits = [] }: BenchResult): readonly string[] {
  const byRatio =
    ratio !== undefined && budget !== undefined && ratio > budget
      ? [`${name}: ${ratio.toFixed(2)}x ${peer?.name ?? 'its peer'}, budget ${budget}x`]
      : [];
  return [...byRatio, ...limits.filter((limit) => !holds(limit)).map((limit) => `${name}: ${limitText(limit)}`)];
}

/** True when the figure is within its limit, or has none. */
export const holds = ({ value, atMost = Infinity, atLeast = -Infinity }: BenchLimit): boolean =>
  value <= atMost && value >= atLeast;

/** Such as `events/s 240,000 (at least 100,000)`. */
export function limitText({ what, value, atMost, atLeast }: BenchLimit): string {
  const bound =
    atMost !== undefined
      ? ` (at most ${figure(atMost)})`
      : atLeast !== undefined
        ? ` (at least ${figure(atLeast)})`
        : '';
  return `${what} ${figure(value)}${bound}`;
}

/** Three digits that matter, with thousands set apart. */
export function figure(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
