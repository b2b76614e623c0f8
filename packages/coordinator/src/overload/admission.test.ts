import { int32, string } from '@milonga/core';
import { testClock } from '@milonga/testing';
import { describe, expect, it } from 'vitest';
import { pipeline } from '../pipeline/define-pipeline.ts';
import { noPorts } from '../run/binding.ts';
import { topK } from '../stages/top-k.ts';
import { PipelineOverloadedError } from './admission.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const setUp = (limits: { readonly maxInFlight: number; readonly maxWaiting: number }) => {
  const clock = testClock({ monotonic: 'held' });
  const open: (() => void)[] = [];
  const state = { running: 0, most: 0 };
  const bound = pipeline('test', {
    input: { userId: string(), limit: int32() },
    defaults: { limit: 1 },
    budgetMs: 100,
    ...limits,
  })
    .sources({
      name: 'gate',
      columns: { id: string() },
      fetch: async (query) => {
        state.running += 1;
        state.most = Math.max(state.most, state.running);
        await new Promise<void>((resolve) => open.push(resolve));
        state.running -= 1;
        return [{ id: query.userId }];
      },
    })
    .select(topK(1, (item) => item.id.length))
    .bind(noPorts, { clock });
  return {
    clock,
    open,
    state,
    ask: (userId: string, signal?: AbortSignal) => bound.run({ userId }, signal === undefined ? {} : { signal }),
  };
};

describe('admission', () => {
  it('works on a bounded number, lets the others wait in order, and refuses more with a time to retry', async () => {
    const { open, state, ask } = setUp({ maxInFlight: 2, maxWaiting: 2 });
    const done: string[] = [];
    const running = ['a', 'b', 'c', 'd'].map((user) => ask(user).then(() => done.push(user)));
    const refused = ask('e');
    await expect(refused).rejects.toThrow('Pipeline "test" is at its limit: 2 requests are in flight and 2 wait');
    const error = await refused.catch((one: unknown) => one);
    expect(error).toBeInstanceOf(PipelineOverloadedError);
    expect(error).toMatchObject({ code: 'MILONGA_PIPELINE_OVERLOADED', isRetryable: true });
    expect((error as PipelineOverloadedError).retryAfterMs).toBeGreaterThan(0);
    await turn();
    while (open.length > 0) {
      open.shift()!();
      await turn();
    }
    await Promise.all(running);
    expect([done, state.most]).toEqual([['a', 'b', 'c', 'd'], 2]);
    const again = ask('f');
    await turn();
    open.shift()!();
    expect((await again).items).toEqual([{ id: 'f' }]);
  });

  it('counts waiting against the budget, and lets go of those who give up', async () => {
    const { clock, open, ask } = setUp({ maxInFlight: 1, maxWaiting: 5 });
    const first = ask('a');
    const caller = new AbortController();
    const gone = ask('b', caller.signal);
    await turn();
    await clock.advanceMonotonicBy(10);
    const late = ask('c'); // its time is over at 110, that of the first at 100
    await turn();
    caller.abort();
    await expect(gone).rejects.toMatchObject({ code: 'MILONGA_ABORTED' });
    await clock.advanceMonotonicBy(90);
    expect((await first).degraded).toEqual(['gate']);
    await turn();
    open[1]!();
    expect((await late).items).toEqual([{ id: 'c' }]); // with what was left of its time
    expect(open.length).toBe(2);
  });

  it('refuses at once who would wait past the deadline', async () => {
    const { clock, open, ask } = setUp({ maxInFlight: 1, maxWaiting: 50 });
    const slow = ask('a');
    await turn();
    await clock.advanceMonotonicBy(90);
    open[0]!();
    await slow; // a request takes 90 ms, as far as anybody knows
    const running = ask('b');
    const waiting = ask('c');
    const hopeless = ask('d'); // would wait for two of them
    await expect(hopeless).rejects.toMatchObject({ code: 'MILONGA_PIPELINE_OVERLOADED' });
    const refused = expect(waiting).rejects.toMatchObject({ code: 'MILONGA_DEADLINE_EXCEEDED' });
    await turn();
    await clock.advanceMonotonicBy(200);
    await refused;
    expect((await running).degraded).toEqual(['gate']);
  });
});
