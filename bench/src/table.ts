import { styleText } from 'node:util';
import type { BenchResult } from './bench-result.ts';
import { figure, holds, limitText, shortfallsOf } from './verdicts.ts';

const HEAD = ['', 'unit', 'p50', 'p99', 'held against', 'p50', 'p99', 'ratio', 'budget', ''];
const IS_TEXT: readonly boolean[] = [true, true, false, false, true, false, false, false, false, true];

/** The results as a table; limits stand below the line that they belong to. */
export function tableOf(results: readonly BenchResult[]): string {
  const rows = results.map(cellsOf);
  const widths = HEAD.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => (IS_TEXT[at] ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join('  ')
      .trimEnd();
  const body = results.flatMap((result, at) => [line(rows[at]!), ...limitLines(result)]);
  return `${styleText('bold', line(HEAD))}\n${body.join('\n')}\n`;
}

function cellsOf({ name, unit, ours, peer, ratio, budget }: BenchResult): readonly string[] {
  return [
    name,
    unit,
    figure(ours.p50),
    figure(ours.p99),
    peer?.name ?? '',
    peer === undefined ? '' : figure(peer.p50),
    peer === undefined ? '' : figure(peer.p99),
    ratio === undefined ? '' : `${ratio.toFixed(2)}x`,
    budget === undefined ? '' : `${budget}x`,
    ratio === undefined || budget === undefined ? '' : verdict(ratio <= budget),
  ];
}

const limitLines = ({ limits = [] }: BenchResult): readonly string[] =>
  limits.map((limit) => {
    const isBound = limit.atMost !== undefined || limit.atLeast !== undefined;
    return `    ${limitText(limit)}${isBound ? `  ${verdict(holds(limit))}` : ''}`;
  });

const verdict = (isGood: boolean): string => (isGood ? styleText('green', 'ok') : styleText('red', 'SHORT'));

/** Which budgets are kept and which are not, in words. */
export function summaryOf(results: readonly BenchResult[]): string {
  const short = results.flatMap(shortfallsOf);
  if (short.length === 0) return 'Every budget is kept.\n';
  return `${short.length === 1 ? 'One budget is' : `${short.length} budgets are`} not kept:\n${short.map((each) => `  - ${each}`).join('\n')}\n`;
}
