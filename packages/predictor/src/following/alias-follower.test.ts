import { type ArtifactStore, MilongaError } from '@milonga/core';
import { describe, expect, test } from 'vitest';
import { rowsOf } from '../linear-model.fixture.ts';
import { ServedModel, type SharedStores, sharedStores } from '../served-models.fixture.ts';

const start = async (stores: SharedStores): Promise<ServedModel> => {
  const served = new ServedModel(stores);
  await served.follower.start();
  return served;
};
const outcomes = async (served: ServedModel, version: string) =>
  (await served.records(version)).map(({ outcome }) => outcome);

describe('a process', () => {
  test('lets candidates in as training names them, one after the other', async () => {
    const served = await start(await sharedStores());
    for (const version of ['v1', 'v2', 'v3']) {
      await served.store(version);
      await served.name('candidate', version);
      await served.follower.settle();
      expect(served.live).toBe(version);
    }
    await served.stop();
  });

  test('leaves a refused candidate out, also after a restart, until it is named again', async () => {
    const stores = await sharedStores();
    const first = await start(stores);
    await first.store('v1');
    await first.name('candidate', 'v1');
    await first.follower.settle();
    first.runtime.misbehaviour.set('v2', { load: () => Promise.reject(new Error('too new')) });
    await first.store('v2');
    await first.name('candidate', 'v2');
    await first.follower.settle();
    expect([first.live, await outcomes(first, 'v2')]).toEqual(['v1', ['rejected']]);
    await first.stop();

    const second = await start(stores); // would be able to load it
    await second.follower.settle();
    expect([second.live, await outcomes(second, 'v2')]).toEqual(['v1', ['rejected']]);
    await second.name('candidate', 'v2');
    await second.follower.settle();
    expect([second.live, await outcomes(second, 'v2')]).toEqual(['v2', ['rejected', 'passed']]);
    await second.stop();
  });

  test('comes up on `live` before its first request, whatever the candidate is', async () => {
    const stores = await sharedStores();
    const first = await start(stores);
    for (const version of ['v1', 'v2']) {
      await first.store(version);
      await first.name('candidate', version);
      await first.follower.settle();
    }
    await first.stop();
    const second = await start(stores);
    expect(second.live).toBe('v2');
    expect((await second.predictor.predict('linear', rowsOf(1))).version).toBe('v2');
    expect(await outcomes(second, 'v2')).toEqual(['passed']); // nothing new is on record
    await second.stop();
  });

  test('follows a rollback of `live`, and the candidate that was live does not come back after a restart', async () => {
    const stores = await sharedStores();
    const first = await start(stores);
    for (const version of ['v1', 'v2']) {
      await first.store(version);
      await first.name('candidate', version);
      await first.follower.settle();
    }
    await first.name('live', 'v1');
    await first.follower.settle();
    expect(first.live).toBe('v1');
    await first.stop();
    const second = await start(stores);
    await second.follower.settle();
    expect(second.live).toBe('v1');
    expect((await stores.registry.history('linear', 'live')).map(({ version }) => version)).toEqual(['v1', 'v2', 'v1']);
    await second.name('candidate', 'v2'); // somebody wants it back
    await second.follower.settle();
    expect(second.live).toBe('v2');
    await second.stop();
  });

  test('takes a version that was made live by hand and is the candidate too, and does not bring it back either', async () => {
    const stores = await sharedStores();
    const first = await start(stores);
    for (const version of ['v1', 'v2']) await first.store(version);
    await first.name('live', 'v1');
    await first.name('live', 'v2');
    await first.follower.settle();
    await first.name('candidate', 'v2');
    await first.follower.settle();
    await first.name('live', 'v1');
    await first.follower.settle();
    await first.stop();
    const second = await start(stores);
    await second.follower.settle();
    expect(second.live).toBe('v1');
    await second.stop();
  });

  test('a rollback is not held against the version that somebody flees from', async () => {
    const served = await start(await sharedStores());
    await served.store('v1', { weights: { bias: -1e9 } });
    await served.store('v2', { weights: { bias: 1e9 } });
    for (const version of ['v2', 'v1']) {
      await served.name('live', version);
      await served.follower.settle();
      for (let call = 0; call < 20; call += 1)
        await served.predictor.predict('linear', rowsOf(...Array.from({ length: 100 }, (_, at) => at)));
      expect(served.live).toBe(version);
    }
    await served.stop();
  });

  test('a live version that is damaged leaves the one before it, and the reason on record', async () => {
    const stores = await sharedStores();
    const first = await start(stores);
    await first.store('v1');
    await first.name('live', 'v1');
    await first.store('v2', { stored: (name, bytes) => (name === 'weights.json' ? bytes.slice(1) : bytes) });
    await first.name('live', 'v2');
    await first.stop();
    const second = await start(stores);
    expect(second.live).toBe('v1');
    expect(await second.records('v2')).toMatchObject([
      { outcome: 'rejected', reason: expect.stringContaining('corrupt') },
    ]);
    expect((await stores.registry.alias('linear', 'live'))?.version).toBe('v2');
    expect(second.log.lines.map(({ message }) => message)).toContain(
      'An earlier version answers, because the live one cannot',
    );
    await second.stop();
    const third = await start(stores);
    expect(await third.records('v2')).toHaveLength(1); // a restart says nothing new
    await third.stop();
  });

  test('takes the live version out of traffic when the alias is taken away', async () => {
    const served = await start(await sharedStores());
    await served.store('v1');
    await served.name('live', 'v1');
    await served.name('live', undefined);
    await served.follower.settle();
    expect(served.live).toBeUndefined();
    await expect(served.predictor.predict('linear', rowsOf(1))).rejects.toMatchObject({
      code: 'MILONGA_MODEL_NOT_LOADED',
    });
    await served.stop();
  });
});

describe('several processes', () => {
  test('that race for one candidate end on it together, with one move of `live`', async () => {
    const stores = await sharedStores();
    const processes = await Promise.all(Array.from({ length: 5 }, () => start(stores)));
    const trainer = processes[0]!;
    for (let round = 1; round <= 10; round += 1) {
      await trainer.store(`v${round}`);
      await trainer.name('candidate', `v${round}`);
      await Promise.all(processes.map((one) => one.follower.settle()));
      expect(processes.map((one) => one.live)).toEqual(Array(5).fill(`v${round}`));
    }
    const history = await stores.registry.history('linear', 'live');
    expect(history.map(({ version }) => version)).toEqual(Array.from({ length: 10 }, (_, at) => `v${at + 1}`));
    await Promise.all(processes.map((one) => one.stop()));
  });

  test('a slow one does not undo a rollback that came while it was looking', async () => {
    const stores = await sharedStores();
    const quick = await start(stores);
    const slow = await start(stores);
    await quick.store('v1');
    await quick.name('candidate', 'v1');
    await Promise.all([quick.follower.settle(), slow.follower.settle()]);
    let release = (): void => {};
    slow.runtime.misbehaviour.set('v2', {
      load: () =>
        new Promise((resolve) => {
          release = resolve;
        }),
    });
    await quick.store('v2');
    await quick.name('candidate', 'v2');
    await quick.follower.settle();
    expect(quick.live).toBe('v2');
    await expect.poll(() => slow.live).toBe('v1');
    await quick.name('live', 'v1');
    await quick.follower.settle();
    await expect.poll(() => release).not.toBeUndefined();
    release();
    await slow.follower.settle();
    expect([quick.live, slow.live]).toEqual(['v1', 'v1']);
    expect((await stores.registry.alias('linear', 'live'))?.version).toBe('v1');
    await Promise.all([quick.stop(), slow.stop()]);
  });
});

describe('a store that cannot be reached', () => {
  test('is asked again, and does not cost a candidate its chance', async () => {
    const stores = await sharedStores();
    let failures = 2;
    const artifacts: ArtifactStore = {
      putIfAbsent: (...all) => stores.artifacts.putIfAbsent(...all),
      list: (...all) => stores.artifacts.list(...all),
      remove: (...all) => stores.artifacts.remove(...all),
      get: (name, options) => {
        if (name.endsWith('weights.json') && failures-- > 0)
          throw new MilongaError('MILONGA_ARTIFACT_STORE_UNAVAILABLE', 'down', { isRetryable: true });
        return stores.artifacts.get(name, options);
      },
    };
    const served = await start({ ...stores, artifacts });
    await served.store('v1');
    await served.name('candidate', 'v1');
    await served.follower.settle();
    expect([served.live, await outcomes(served, 'v1')]).toEqual(['v1', ['passed']]);
    await served.stop();
  });

  test('a registry that fails is followed again, and stopping does not wait for it', async () => {
    const stores = await sharedStores();
    let isDown = false;
    const artifacts: ArtifactStore = {
      putIfAbsent: (...all) => stores.artifacts.putIfAbsent(...all),
      list: (...all) => stores.artifacts.list(...all),
      remove: (...all) => stores.artifacts.remove(...all),
      get: async (name, options) => {
        if (isDown) throw new MilongaError('MILONGA_ARTIFACT_STORE_UNAVAILABLE', 'down', { isRetryable: true });
        return stores.artifacts.get(name, options);
      },
    };
    const served = await start({ ...stores, artifacts });
    await served.store('v1');
    isDown = true;
    await expect
      .poll(() => served.log.lines.map(({ message }) => message))
      .toContain('The model registry cannot be followed; trying again');
    isDown = false;
    await served.name('live', 'v1');
    await expect.poll(() => served.live, { timeout: 5_000 }).toBe('v1');
    isDown = true;
    const lines = served.log.lines.length;
    await expect.poll(() => served.log.lines.length).toBeGreaterThan(lines);
    const startedMs = performance.now();
    await served.stop();
    expect(performance.now() - startedMs).toBeLessThan(500);
  });

  test('stopping gives up a version that is being tried, without a verdict', async () => {
    const stores = await sharedStores();
    const served = await start(stores);
    served.runtime.misbehaviour.set('v1', { load: () => new Promise(() => {}) });
    await served.store('v1');
    await served.name('candidate', 'v1');
    await new Promise((resolve) => setTimeout(resolve, 30));
    await served.stop();
    expect(await outcomes(served, 'v1')).toEqual([]);
    const next = await start(stores);
    await next.follower.settle();
    expect(next.live).toBe('v1');
    await next.stop();
  });
});
