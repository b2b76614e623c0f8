import { expect, test } from 'vitest';
import { rowsOf } from '../linear-model.fixture.ts';
import { ServedModel, sharedStores } from '../served-models.fixture.ts';

test('20 swaps under thousands of concurrent calls fail none, mix no versions, and dispose of nothing under a call', async () => {
  const served = new ServedModel(await sharedStores(), { latencyMs: 5_000 });
  await served.try('v0', { weights: { bias: 0, items: ['item of v0'] } });
  let isOver = false;
  const versionsSeen = new Set<string>();
  const rows = rowsOf(...Array.from({ length: 64 }, (_, at) => at));
  let calls = 0;
  const client = async (): Promise<void> => {
    while (!isOver) {
      const { scores, version } = await served.predictor.predict('linear', rows);
      const shift = Number(version.slice(1));
      const isRight = scores.score!.length === 64 && scores.score!.every((score, row) => score === row + shift);
      if (!isRight) throw new Error(`Scores of "${version}" are ${scores.score}.`);
      const { ids, version: proposer } = await served.predictor.retrieve('linear', rowsOf(1), 2);
      if (ids.join() !== `item of ${proposer}`) throw new Error(`"${proposer}" proposed ${ids}.`);
      versionsSeen.add(version);
      calls += 1;
    }
  };
  const clients = Promise.all(Array.from({ length: 50 }, client));
  for (let swap = 1; swap <= 20; swap += 1) {
    const outcome = await served.try(`v${swap}`, { weights: { bias: swap, items: [`item of v${swap}`] } });
    expect(outcome).toMatchObject({ adopted: true });
    const callsBefore = calls;
    const enough = expect.poll(() => calls, { interval: 1, timeout: 10_000 }).toBeGreaterThan(callsBefore + 100);
    await Promise.race([enough, clients]); // a call that fails ends the test at once
  }
  isOver = true;
  await clients;
  expect(calls).toBeGreaterThan(2_000);
  expect(versionsSeen.size).toBe(21);
  const { lives } = served.runtime;
  expect(lives.map(({ isDisposed }) => isDisposed)).toEqual(lives.map(({ version }) => version !== 'v20'));
  expect(lives.every(({ callsAfterDispose }) => callsAfterDispose === 0)).toBe(true);
  expect(served.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test('the old version is kept until its last call has ended', async () => {
  const served = new ServedModel(await sharedStores());
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await served.try('v1');
  served.runtime.misbehaviour.set('v2', {
    predict: async (scores, rows) => {
      if (rows.length === 3) await held;
      return scores;
    },
  });
  await served.try('v2');
  const inFlight = served.predictor.predict('linear', rowsOf(1, 2, 3));
  expect((await served.try('v3')).adopted).toBe(true);
  expect(served.live).toBe('v3');
  expect(served.runtime.lives[1]).toMatchObject({ version: 'v2', isDisposed: false });
  release();
  expect((await inFlight).version).toBe('v2');
  expect(served.runtime.lives[1]).toMatchObject({ version: 'v2', isDisposed: true, callsAfterDispose: 0 });
});

test('a synchronous model does not keep the thread while it is checked', async () => {
  const served = new ServedModel(await sharedStores(), { latencyMs: 1_000 });
  await served.try('v1');
  for (let call = 0; call < 16 * 32; call += 1) await served.predictor.predict('linear', rowsOf(call, call + 1));
  served.runtime.misbehaviour.set('v2', {
    predict: (scores) => {
      const until = performance.now() + 4; // keeps the thread, as a heavy model does
      while (performance.now() < until);
      return scores;
    },
  });
  let longestMs = 0;
  let lastMs = performance.now();
  const ticking = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - lastMs);
    lastMs = performance.now();
  }, 0);
  const startedMs = performance.now();
  const outcome = await served.try('v2');
  const wholeMs = performance.now() - startedMs;
  clearInterval(ticking);
  expect(outcome).toMatchObject({ adopted: true });
  expect(wholeMs).toBeGreaterThan(32 * 4); // one check after the other
  expect(longestMs).toBeLessThan(wholeMs / 2);
});
