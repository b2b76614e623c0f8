import { expect, test } from 'vitest';
import { bought, featuresOf, historyOf, post, rowsOf, startShop, temporaryDirectory } from './small-shop.fixture.ts';

const AT = Date.now() - 60_000;
const event = (id: string, stockCode = `item-${id}`): object => bought(id, 'ada', stockCode, { eventAt: AT });
const accepted = (...ids: readonly string[]): object => ({
  accepted: ids.length,
  quarantined: 0,
  outcomes: ids.map((id) => ({ status: 'accepted', id })),
});

test('an id that is handed in again counts once: in one call, in two, at the same time', async () => {
  using place = temporaryDirectory();
  await using running = await startShop(place.dir);
  const send = (...events: readonly object[]) => post(running.url, '/v1/events', { events });
  expect((await send(event('a'), event('a'), event('b'))).body).toEqual(accepted('a', 'a', 'b'));
  expect((await send(event('a'), event('c'))).body).toEqual(accepted('a', 'c'));
  const together = await Promise.all(Array.from({ length: 8 }, () => send(event('d'), event('e'))));
  for (const { body } of together) expect(body).toEqual(accepted('d', 'e'));
  await running.settle();

  expect(await featuresOf(running, ['ada'])).toMatchObject([{ purchases: 5, quantity: 5 }]);
  const ids = (await rowsOf<{ id: string }>(running, 'purchase')).map(({ id }) => id);
  expect(ids.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('an id that is handed in again with other contents stays what it was first', async () => {
  using place = temporaryDirectory();
  await using running = await startShop(place.dir);
  await post(running.url, '/v1/events', { events: [event('a', 'first')] });
  await post(running.url, '/v1/events', { events: [event('a', 'second')] });
  await running.settle();
  expect(await featuresOf(running, ['ada'])).toMatchObject([{ purchases: 1, recentItems: ['first'] }]);
});

test('a client that repeats its whole batch after a restart changes no feature, online or in history', async () => {
  using place = temporaryDirectory();
  const events = Array.from({ length: 30 }, (_, at) => event(`e${at}`, `item-${at % 7}`));
  const before = await (async () => {
    await using running = await startShop(place.dir);
    await post(running.url, '/v1/events', { events });
    await running.settle();
    return await featuresOf(running, ['ada']);
  })();
  expect(before).toMatchObject([{ purchases: 30, quantity: 30 }]);

  await using running = await startShop(place.dir);
  expect((await post(running.url, '/v1/events', { events })).body).toMatchObject({ accepted: 30 });
  await post(running.url, '/v1/events', { events: [event('new', 'item-0')] });
  await running.settle();
  expect(await featuresOf(running, ['ada'])).toMatchObject([{ purchases: 31, quantity: 31 }]);
  expect(await historyOf(running, ['ada'])).toMatchObject([{ purchases: 31, quantity: 31 }]);
});
