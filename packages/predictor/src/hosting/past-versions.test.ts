import { testClock } from '@milonga/testing';
import { describe, expect, test } from 'vitest';
import { LinearRuntime, rowsOf } from '../linear-model.fixture.ts';
import { ServedModel, sharedStores } from '../served-models.fixture.ts';

const DAY = 86_400_000;

/** Versions v1, v2, … that went live on days 1, 2, …; today is the day after the last. */
async function withHistory(count: number, pastVersions?: number) {
  const clock = testClock({ now: 0 });
  const served = new ServedModel(await sharedStores(clock), {}, new LinearRuntime(), pastVersions);
  for (let day = 1; day <= count; day += 1) {
    await clock.advanceTo(day * DAY);
    await served.try(`v${day}`, { weights: { bias: day } });
  }
  await clock.advanceBy(DAY);
  const versionAt = async (at: number) => (await served.predictor.predict('linear', rowsOf(0), { liveAt: at })).version;
  return { served, clock, versionAt };
}

describe('liveAt', () => {
  test('is answered by the version of that moment, never by a later one', async () => {
    const { versionAt } = await withHistory(4);
    expect(await versionAt(1 * DAY)).toBe('v1');
    expect(await versionAt(2 * DAY - 1)).toBe('v1');
    expect(await versionAt(2 * DAY)).toBe('v2');
    expect(await versionAt(3.5 * DAY)).toBe('v3');
    expect(await versionAt(400 * DAY)).toBe('v4');
    await expect(versionAt(DAY - 1)).rejects.toMatchObject({
      code: 'MILONGA_MODEL_NOT_LOADED',
      message: 'No version of model "linear" was live at 1970-01-01T23:59:59.999Z.',
    });
  });

  test('retrieves with the version of that moment too', async () => {
    const { served } = await withHistory(3);
    expect((await served.predictor.retrieve('linear', rowsOf(0), 1, { liveAt: 2 * DAY })).version).toBe('v2');
  });

  test('knows of a rollback, and of a time with nothing live', async () => {
    const { served, clock, versionAt } = await withHistory(2);
    await served.name('live', 'v1'); // on day 3
    await clock.advanceBy(DAY);
    await served.name('live', undefined);
    await clock.advanceBy(DAY);
    expect([await versionAt(2.5 * DAY), await versionAt(3.5 * DAY)]).toEqual(['v2', 'v1']);
    await expect(versionAt(4.5 * DAY)).rejects.toMatchObject({ code: 'MILONGA_MODEL_NOT_LOADED' });
  });

  test('sees a move at once, also one of a moment ago and one of another process', async () => {
    const { served, clock, versionAt } = await withHistory(2);
    expect(await versionAt(clock.now())).toBe('v2');
    const other = new ServedModel(served.stores);
    await other.store('v3');
    await other.name('live', 'v3');
    expect(await versionAt(clock.now())).toBe('v3');
  });

  test('does not load what is live a second time', async () => {
    const { served, versionAt } = await withHistory(2);
    const loads = served.runtime.lives.length;
    expect(await versionAt(2.5 * DAY)).toBe('v2');
    expect(served.runtime.lives).toHaveLength(loads);
  });

  test('says why a version of the past cannot be served', async () => {
    const { served, clock, versionAt } = await withHistory(1);
    const { registry } = served.stores;
    await served.store('v2', { manifest: { fingerprint: 'older' } });
    await served.name('live', 'v2');
    await clock.advanceBy(DAY);
    await expect(versionAt(2.5 * DAY)).rejects.toMatchObject({ code: 'MILONGA_MODEL_INCOMPATIBLE' });
    expect(await registry.records('linear', 'v2')).toEqual([]);
  });
});

describe('versions of the past in memory', () => {
  test('are bounded, and those pushed out give their memory back', async () => {
    const { served, versionAt } = await withHistory(12, 4);
    for (let day = 1; day <= 11; day += 1) await versionAt(day * DAY);
    const alive = served.runtime.lives.filter(({ isDisposed }) => !isDisposed).map(({ version }) => version);
    expect(alive.sort()).toEqual(['v10', 'v11', 'v12', 'v8', 'v9']);
    served.predictor.close();
    await expect.poll(() => served.runtime.lives.filter(({ isDisposed }) => !isDisposed)).toEqual([]);
  });

  test('many at once, with room for one, all get their version, loaded once for those who wait', async () => {
    const { served, versionAt } = await withHistory(6, 1);
    const loadsBefore = served.runtime.lives.length;
    expect(await Promise.all(Array.from({ length: 20 }, () => versionAt(3 * DAY)))).toEqual(Array(20).fill('v3'));
    expect(served.runtime.lives).toHaveLength(loadsBefore + 1);
    const days = Array.from({ length: 60 }, (_, at) => 1 + (at % 5));
    const versions = await Promise.all(days.map((day) => versionAt(day * DAY)));
    expect(versions).toEqual(days.map((day) => `v${day}`));
    expect(served.runtime.lives.every(({ callsAfterDispose }) => callsAfterDispose === 0)).toBe(true);
    served.predictor.close();
    await expect.poll(() => served.runtime.lives.filter(({ isDisposed }) => !isDisposed)).toEqual([]);
  });

  test('a version that could not be loaded is tried again', async () => {
    const { served, versionAt } = await withHistory(3);
    let isDown = true;
    served.runtime.misbehaviour.set('v1', {
      load: () => {
        if (isDown) throw new Error('out of memory');
      },
    });
    await expect(versionAt(DAY)).rejects.toMatchObject({ code: 'MILONGA_ARTIFACT_CORRUPT' });
    isDown = false;
    expect(await versionAt(DAY)).toBe('v1');
  });
});
