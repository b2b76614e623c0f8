/** Milliseconds on the monotonic clock that all processes of this machine share; begins anew when it is started. */
export const machineMs = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;

/** Until when something is held, on {@link machineMs}. */
export interface Term {
  readonly expiresAt: number;
  readonly ttlMs: number;
}

export const termFrom = (ttlMs: number): Term => ({ expiresAt: machineMs() + ttlMs, ttlMs });

/** False past the end, and for a term of before the machine was started again: nobody has more left than a whole one. */
export function isRunning(term: Term, now: number = machineMs()): boolean {
  const left = term.expiresAt - now;
  return left > 0 && left <= term.ttlMs;
}
