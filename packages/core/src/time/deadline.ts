import { MilongaError } from '../errors/milonga-error.ts';

/**
 * The end of a piece of work, on the monotonic clock, split as the work goes.
 *
 * @example
 * ```ts
 * const deadline = deadlineAfter(clock.monotonicMs(), 200);
 * const stage = deadline.split(clock.monotonicMs(), { limitMs: 50, reserveMs: 20 }); // ends in 50 ms, at 180 ms at the latest
 * ```
 */
export interface Deadline {
  /** On `Clock.monotonicMs`. */
  readonly atMs: number;
  remainingMs(nowMs: number): number;
  /** The deadline of a part: its own limit, or what remains less the reserve, whichever is sooner. */
  split(nowMs: number, options: { readonly limitMs?: number; readonly reserveMs?: number }): Deadline;
}

class FixedDeadline implements Deadline {
  readonly atMs: number;
  constructor(atMs: number) {
    this.atMs = atMs;
  }
  remainingMs(nowMs: number): number {
    return this.atMs - nowMs;
  }
  split(
    nowMs: number,
    { limitMs = Infinity, reserveMs = 0 }: { readonly limitMs?: number; readonly reserveMs?: number },
  ): Deadline {
    return new FixedDeadline(Math.min(nowMs + limitMs, this.atMs - reserveMs));
  }
}

/** A deadline `budgetMs` after `nowMs` (on `Clock.monotonicMs`). */
export const deadlineAfter = (nowMs: number, budgetMs: number): Deadline => new FixedDeadline(nowMs + budgetMs);

/** The error for work that came too late. */
export const deadlineExceeded = (what: string, limitMs: number): MilongaError =>
  new MilongaError('MILONGA_DEADLINE_EXCEEDED', `${what} took longer than its ${Math.round(limitMs)} ms.`, {
    isRetryable: true,
  });

/** Rejects as soon as the signal aborts; for the start of every port method. */
export function throwIfAborted(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) throw new MilongaError('MILONGA_ABORTED', `${what} was cancelled.`, { cause: signal.reason });
}
