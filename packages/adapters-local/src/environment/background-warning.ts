import { messageOf } from '@milonga/core';

const EVERY_MS = 60_000;
const warnedAt = new Map<string, number>();

/**
 * Says that work in the background failed and will be tried again: as a warning of the process, since nobody awaits it,
 * and at most once a minute for each kind of work.
 */
export function warnOfBackground(work: string, error: unknown): void {
  const now = performance.now();
  if (now - (warnedAt.get(work) ?? -Infinity) < EVERY_MS) return;
  warnedAt.set(work, now);
  process.emitWarning(`${work} failed and will be tried again: ${messageOf(error)}`, { type: 'MilongaWarning' });
}
