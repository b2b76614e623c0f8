import type { Awaitable } from '../stage/stage.ts';

/** What came of a stage; `undefined` in its place means that it was not enabled. */
export type Settled<T> = { readonly isOk: true; readonly value: T } | { readonly isOk: false; readonly error: unknown };

export const succeeded = <T>(value: T): Settled<T> => ({ isOk: true, value });
export const failed = (error: unknown): Settled<never> => ({ isOk: false, error });

export const isPromise = <T>(result: Awaitable<T>): result is PromiseLike<T> =>
  typeof (result as PromiseLike<T> | null | undefined)?.then === 'function';

/** Goes on with a value now, or when it is there. */
export const after = <T, Next>(result: Awaitable<T>, next: (value: T) => Awaitable<Next>): Awaitable<Next> =>
  isPromise(result) ? result.then(next) : next(result);
