import { setImmediate } from 'node:timers/promises';
import { MilongaError, messageOf } from '@milonga/core';

/** Lets requests have their turn: models that answer synchronously would otherwise hold up the thread check by check. */
export async function pause(signal: AbortSignal): Promise<void> {
  await setImmediate();
  if (signal.aborted) throw reasonOf(signal);
}

/** What `work` resolves to, unless the signal aborts first: then its reason is thrown, and `onLate` gets what comes later. */
export function unlessAborted<T>(
  signal: AbortSignal,
  work: Promise<T>,
  onLate: (value: T) => void = () => {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(reasonOf(signal));
      work.then(onLate, () => {});
    };
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** A signal that aborts as `signal` does, or with `reason` after `limitMs`. Call `end` when the work is done. */
export function withinLimit(
  signal: AbortSignal,
  limitMs: number,
  reason: MilongaError,
): { readonly signal: AbortSignal; readonly end: () => void } {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(reason), limitMs);
  return { signal: AbortSignal.any([signal, limit.signal]), end: () => clearTimeout(timer) };
}

const reasonOf = ({ reason }: AbortSignal): MilongaError =>
  MilongaError.isInstance(reason)
    ? reason
    : new MilongaError('MILONGA_ABORTED', `Cancelled: ${messageOf(reason)}`, { cause: reason });
