import { describe, expect, test } from 'vitest';
import { type Fault, FaultPlan } from './fault-plan.ts';
import { type Call, faultyCall } from './faulty-call.ts';

const only = (fault: Fault): Record<Fault, number> => {
  const none = { delay: 0, reorder: 0, 'fail-before': 0, 'fail-after': 0, 'half-apply': 0, duplicate: 0, cut: 0 };
  return { ...none, [fault]: 1 };
};
/** A call that writes down when it was done, and stops when it is cancelled. */
const counting = (done: string[], more: Partial<Call<string>> = {}): Call<string> => ({
  method: 'Store.write',
  unavailable: 'MILONGA_ONLINE_STORE_UNAVAILABLE',
  isIdempotent: true,
  signal: undefined,
  invoke: async () => {
    done.push('done');
    return 'answer';
  },
  half: async () => void done.push('half'),
  ...more,
});
const outcome = (plan: FaultPlan, call: Call<string>): Promise<unknown> =>
  faultyCall(plan, call).catch((error: { readonly code: string }) => error.code);

test('the same seed gives the n-th call of a method the same fault, whatever others do', () => {
  const faults: readonly Fault[] = ['delay', 'fail-before', 'cut'];
  const drawn = (seed: number, others: number): unknown => {
    const plan = new FaultPlan({ seed });
    return Array.from({ length: 200 }, () => {
      for (let i = 0; i < others; i += 1) plan.next('other', faults);
      return plan.next('read', faults).fault;
    });
  };
  expect(drawn(1, 0)).toEqual(drawn(1, 3));
  expect(drawn(1, 0)).not.toEqual(drawn(2, 0));
  expect(new Set(drawn(1, 0) as Fault[])).toEqual(new Set([undefined, ...faults]));
});

test('calls are counted anew in each scope, so that one test alone meets what it met among others', () => {
  const drawn = (scopes: readonly string[]): unknown => {
    let scope = '';
    const plan = new FaultPlan({ seed: 5, scope: () => scope });
    return scopes.map((name) => {
      scope = name;
      return Array.from({ length: 30 }, () => plan.next('read', ['delay', 'cut']).fault);
    });
  };
  const [alone] = drawn(['b']) as unknown[];
  expect((drawn(['a', 'b']) as unknown[])[1]).toEqual(alone);
  expect((drawn(['a']) as unknown[])[0]).not.toEqual(alone);
});

describe('what a fault does', () => {
  const unavailable = 'MILONGA_ONLINE_STORE_UNAVAILABLE';
  test.each([
    ['fail-before', unavailable, []],
    ['fail-after', unavailable, ['done']],
    ['half-apply', unavailable, ['half']],
    ['duplicate', 'answer', ['done', 'done']],
    ['delay', 'answer', ['done']],
    ['reorder', 'answer', ['done']],
    ['cut', unavailable, ['done']],
  ] as const)('%s', async (fault, expected, effects) => {
    const done: string[] = [];
    expect(await outcome(new FaultPlan({ seed: 1, rates: only(fault) }), counting(done))).toBe(expected);
    expect(done).toEqual(effects);
  });

  test('a call held back begins after one that was made later', async () => {
    const done: string[] = [];
    const plan = new FaultPlan({ seed: 1, rates: only('reorder'), maxDelayMs: 1_000 });
    const named = (name: string): Call<string> => counting(done, { invoke: async () => void done.push(name) as never });
    const first = faultyCall(plan, named('first'));
    await faultyCall(plan, { ...named('second'), possible: [] });
    await first;
    expect(done).toEqual(['second', 'first']);
  });

  test('a cut that a call does not heed with MILONGA_ABORTED shows', async () => {
    const plan = new FaultPlan({ seed: 1, rates: only('cut') });
    const heedless = counting([], {
      invoke: (signal) =>
        new Promise((_, reject) => signal!.addEventListener('abort', () => reject(new TypeError('socket hang up')))),
    });
    await expect(faultyCall(plan, heedless)).rejects.toThrow('socket hang up');
  });
});

test('a recovering plan hides every fault, and never repeats what must not be repeated', async () => {
  const plan = new FaultPlan({ seed: 3, isRecovering: true, rates: { 'fail-before': 0.5 }, maxDelayMs: 1 });
  for (let i = 0; i < 50; i += 1) {
    const done: string[] = [];
    expect(await faultyCall(plan, counting(done, { isIdempotent: false }))).toBe('answer');
    expect(done).toEqual(['done']);
  }
  expect(plan.counts.get('fail-before')).toBeGreaterThan(10);
});

test('a plan that was stopped lets every call pass', async () => {
  const plan = new FaultPlan({ seed: 1, rates: only('fail-before') });
  plan.stop();
  expect(await outcome(plan, counting([]))).toBe('answer');
});
