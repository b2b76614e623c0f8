import { type ErrorCode, MilongaError } from '@milonga/core';
import { expect } from 'vitest';

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : new TextDecoder().decode(value);

let counter = 0;
/** A name that no other test uses, so that suites may share a server. */
export const fresh = (prefix: string): string => {
  counter += 1;
  return `${prefix}-${Date.now().toString(36)}-${counter.toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
};

/** Expects a rejection with a `MilongaError` of this code. */
export async function expectCode(promise: Promise<unknown>, code: ErrorCode): Promise<void> {
  const error = await promise.then(
    (value) => expect.fail(`expected ${code}, but the call resolved to ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (!MilongaError.isInstance(error)) throw error;
  expect(error.code).toBe(code);
}

/** Waits until `check` no longer throws; what it threw last is thrown at the end. */
export async function eventually(check: () => void | Promise<void>, withinMs: number = 10_000): Promise<void> {
  const endsAt = performance.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > endsAt) throw error;
      await pause(5);
    }
  }
}

/** Looks again and again while the work goes on. Ends when the work does, also when it fails. */
export async function during(work: Promise<unknown>, look: () => Promise<void>): Promise<void> {
  let isRunning = true;
  const end = (): void => {
    isRunning = false;
  };
  work.then(end, end);
  try {
    while (isRunning) {
      await look();
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    await work;
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Small, fast and seeded: the same run every time. Numbers from 0 up to 1. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A signal that was aborted already. */
export const abortedSignal = (): AbortSignal => AbortSignal.abort(new Error('cancelled by the test'));
