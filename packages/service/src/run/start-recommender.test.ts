import { defineRecommender, type Port, port, type Role, type RunningRole } from '@milonga/core';
import { defineAdapter, provide } from '@milonga/core/app';
import { describe, expect, it } from 'vitest';
import { startRecommender } from './start-recommender.ts';

const Greeting: Port<string> = port<string>('greeting/1');
const greeting = (text: string) => defineAdapter(`greeting ${text}`, [provide(Greeting, { create: () => text })]);

const log: string[] = [];
const role = (name: string, extra: Partial<RunningRole> = {}): Role => ({
  name,
  description: name,
  needs: () => [Greeting],
  start: async ({ ports }) => {
    log.push(`start ${name} with ${ports.get(Greeting)}`);
    return { ...extra, stop: async () => void log.push(`stop ${name}`) };
  },
});
const slow: RunningRole['routes'] = [
  {
    method: 'GET',
    path: '/v1/slow',
    summary: 'Takes its time',
    handle: async () => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      return { body: 'done' };
    },
  },
];
const recommender = defineRecommender({
  name: 'test',
  adapters: [greeting('hello')],
  events: [],
  roles: [role('recommend', { routes: slow }), role('lake')],
});
const logging = { level: 'silent' } as const;

describe('startRecommender', () => {
  it('starts roles in the order of the data, with the adapters that win, and stops them', async () => {
    log.length = 0;
    const running = await startRecommender(recommender, { http: false, logging, adapters: [greeting('hola')] });
    await running.stop();
    await running.stop();
    expect(log).toEqual(['start lake with hola', 'start recommend with hola', 'stop recommend', 'stop lake']);
  });

  it('starts chosen roles only, and refuses unknown ones by name', async () => {
    log.length = 0;
    await using running = await startRecommender(recommender, { roles: ['lake'], http: false, logging });
    expect([...running.roles.keys()]).toEqual(['lake']);
    await expect(startRecommender(recommender, { roles: ['cook'], http: false })).rejects.toMatchObject({
      code: 'MILONGA_ROLE_UNKNOWN',
      message: 'Recommender "test" has no role "cook". Its roles: lake, recommend.',
    });
  });

  it('lets a request in flight end before it goes', async () => {
    const running = await startRecommender(recommender, { logging });
    const inFlight = fetch(`${running.url}/v1/slow`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const stopping = running.stop();
    expect(await (await inFlight).json()).toBe('done');
    await stopping;
    await expect(fetch(`${running.url}/livez`)).rejects.toThrow();
  });

  it('stops what was started when a later role fails', async () => {
    log.length = 0;
    const failing: Role = { ...role('zebra'), start: () => Promise.reject(new Error('no stripes')) };
    const broken = defineRecommender({
      name: 'test',
      adapters: [greeting('hello')],
      events: [],
      roles: [role('lake'), failing],
    });
    await expect(startRecommender(broken, { http: false, logging })).rejects.toThrow('no stripes');
    expect(log).toEqual(['start lake with hello', 'stop lake']);
  });

  it('offers metrics in Prometheus format', async () => {
    await using running = await startRecommender(recommender, { logging });
    const metrics = await fetch(`${running.url}/metrics`);
    expect(metrics.status).toBe(200);
    expect(await metrics.text()).toContain('target_info');
  });
});
