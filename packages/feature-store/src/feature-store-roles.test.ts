import { memory } from '@milonga/adapters-local';
import {
  CurrentRecommender,
  defineRecommender,
  entity,
  event,
  FeatureReader,
  HistoricalFeatureReader,
  int32,
  minutes,
  type RunningRole,
  silentLogger,
  string,
} from '@milonga/core';
import { createApp, defineAdapter, provide } from '@milonga/core/app';
import { describe, expect, it } from 'vitest';
import { count } from './aggregates/count.ts';
import { featureView } from './view/feature-view.ts';

const gift = event('gift', { userId: string(), streamerId: string(), coins: int32() });
const view = featureView('activity', {
  entity: entity('streamer', 'streamerId'),
  from: gift,
  by: 'streamerId',
  lateness: minutes(1),
  features: { gifts: count() },
});

describe('the roles of a recommender with views', () => {
  it('take an event from HTTP to a feature, online and from history', async () => {
    const recommender = defineRecommender({ name: 'test', adapters: [memory()], events: [gift], views: [view] });
    expect(recommender.roles.map(({ name }) => name)).toEqual(['lake', 'tiles', 'materialise', 'collect']);
    await using app = createApp([
      defineAdapter('test', [provide(CurrentRecommender, { create: () => recommender })]),
      ...recommender.adapters,
    ]);
    const running = new Map<string, RunningRole>();
    for (const role of recommender.roles) {
      const ports = await app.ports(role.needs(recommender));
      running.set(
        role.name,
        await role.start({ recommender, ports, log: silentLogger, signal: new AbortController().signal }),
      );
    }
    const [route] = running.get('collect')!.routes!;
    const events = Array.from({ length: 5 }, (_, at) => ({
      type: 'gift',
      payload: { userId: `u${at}`, streamerId: 's1', coins: at },
    }));
    const answer = await route!.handle({
      parameters: {},
      query: {},
      headers: {},
      body: { events },
      signal: new AbortController().signal,
    });
    expect(answer.body).toMatchObject({ accepted: 5 });
    for (const role of running.values()) {
      await role.settle?.();
      expect(role.notReady?.()).toBeUndefined();
    }
    const { online, history } = await app.resolve({ online: FeatureReader, history: HistoricalFeatureReader });
    const at = Date.now() + 1;
    for (const reader of [online, history]) {
      const [batch] = await reader.read({ views: [view], keys: [['s1', 's2', 's1']] }, { at });
      expect(batch.frame.toRows()).toEqual([{ gifts: 5 }, { gifts: 0 }, { gifts: 5 }]);
      expect([...batch.found]).toEqual([1, 0, 1]);
    }
    for (const role of [...running.values()].reverse()) await role.stop();
  });

  it('refuse a view of an event that the recommender does not have', async () => {
    const recommender = defineRecommender({ name: 'test', adapters: [memory()], events: [], views: [view] });
    await using app = createApp([
      defineAdapter('test', [provide(CurrentRecommender, { create: () => recommender })]),
      ...recommender.adapters,
    ]);
    const role = recommender.roles.find(({ name }) => name === 'tiles')!;
    const ports = await app.ports(role.needs(recommender));
    const starting = async () =>
      role.start({ recommender, ports, log: silentLogger, signal: new AbortController().signal });
    await expect(starting()).rejects.toMatchObject({
      code: 'MILONGA_DEFINITION_INVALID',
      message: expect.stringMatching(/event "gift"/),
    });
  });

  it('refuse a read that mixes entities, or whose keys do not fit', async () => {
    const other = featureView('users', {
      entity: entity('user', 'userId'),
      from: gift,
      by: 'userId',
      lateness: minutes(1),
      features: { gifts: count() },
    });
    const recommender = defineRecommender({ name: 'test', adapters: [memory()], events: [gift], views: [view, other] });
    await using app = createApp([
      defineAdapter('test', [provide(CurrentRecommender, { create: () => recommender })]),
      ...recommender.adapters,
    ]);
    for (const { reader } of [
      await app.resolve({ reader: FeatureReader }),
      await app.resolve({ reader: HistoricalFeatureReader }),
    ]) {
      const invalid = { code: 'MILONGA_DEFINITION_INVALID' };
      await expect(reader.read({ views: [view, other], keys: [['a']] }, { at: 0 })).rejects.toMatchObject(invalid);
      await expect(reader.read({ views: [view], keys: [['a'], ['b']] }, { at: 0 })).rejects.toMatchObject(invalid);
      const [empty] = await reader.read({ views: [view], keys: [[]] }, { at: 0 });
      expect(empty.frame.length).toBe(0);
      await expect(
        reader.read({ views: [view], keys: [['a']] }, { at: 0, signal: AbortSignal.abort() }),
      ).rejects.toMatchObject({ code: 'MILONGA_ABORTED' });
    }
  });
});
