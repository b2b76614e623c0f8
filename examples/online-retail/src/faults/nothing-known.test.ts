import { trainerOf } from '@milonga/core';
import { expect, test } from 'vitest';
import { type Answer, bought, post, startShop, temporaryDirectory } from './small-shop.fixture.ts';

const DAY_MS = 86_400_000;
const idsOf = ({ body }: Answer): readonly string[] => body.items.map(({ id }: { id: string }) => id);

test('without an event and without a model there is an answer, which says what is missing', async () => {
  using place = temporaryDirectory();
  await using running = await startShop(place.dir);
  const alone = await post(running.url, '/v1/recommend/for-you', { customerId: 'ada' });
  expect(alone.status).toBe(200);
  expect(alone.body).toMatchObject({ items: [], versions: [], degraded: ['trending'] });

  const backed = await post(running.url, '/v1/recommend/with-picks', { customerId: 'ada' });
  expect(backed.status).toBe(200);
  expect(idsOf(backed)).toEqual(['pick-1', 'pick-2', 'pick-3']);
  expect(backed.body.degraded).toContain('trending');

  const ready = await fetch(`${running.url}/readyz`);
  expect([ready.status, await ready.json()]).toMatchObject([200, { reasons: [] }]);
});

test('training without data makes no version and says why', async () => {
  using place = temporaryDirectory();
  await using running = await startShop(place.dir);
  const outcome = await (await running.get(trainerOf('trending'))).train({ reason: 'a test' });
  expect(outcome).toMatchObject({ outcome: 'skipped', version: undefined, rows: 0 });
  expect(outcome.reason.length).toBeGreaterThan(10);
});

test('an unknown customer gets what is popular; a known one something of their own', async () => {
  using place = temporaryDirectory();
  await using running = await startShop(place.dir);
  const events = Array.from({ length: 60 }, (_, at) => ({
    ...bought(`e${at}`, `customer-${at % 12}`, `item-${Math.min(at % 7, at % 5)}`),
    eventAt: Date.now() - 3 * DAY_MS + at * 1_000,
  }));
  events.push({ ...bought('own', 'ada', 'rarity'), eventAt: Date.now() });
  expect((await post(running.url, '/v1/events', { events })).body).toMatchObject({ accepted: 61 });
  await running.settle();
  const outcome = await (await running.get(trainerOf('trending'))).train({ reason: 'a test' });
  expect(outcome).toMatchObject({ outcome: 'candidate' });
  await running.settle();

  for (const customerId of ['nobody', '🦊'.repeat(64), "'; DROP TABLE purchase; --", '../../etc/passwd', '__proto__']) {
    const answer = await post(running.url, '/v1/recommend/for-you', { customerId });
    expect([customerId, answer.status]).toEqual([customerId, 200]);
    expect(answer.body).toMatchObject({ degraded: [], versions: [`trending@${outcome.version}`] });
    const ids = idsOf(answer);
    expect(ids.length).toBeGreaterThanOrEqual(5);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids[0]).toBe('item-0');
  }
  const known = await post(running.url, '/v1/recommend/for-you', { customerId: 'ada' });
  const nobody = await post(running.url, '/v1/recommend/for-you', { customerId: 'nobody' });
  expect(idsOf(known)).toContain('rarity');
  expect(idsOf(known)[0]).toBe(idsOf(nobody)[0]);
});
