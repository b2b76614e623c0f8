import { expect, test } from 'vitest';
import { bought, featuresOf, post, quarantineOf, rowsOf, startShop, temporaryDirectory } from './small-shop.fixture.ts';

const payload = { customerId: 'ada', stockCode: 'tea', quantity: 1, unitPrice: 2.5 };
const tomorrow = Date.now() + 86_400_000;

/** What is handed in, and why it is refused. */
const BAD: readonly (readonly [id: string, event: object, reason: RegExp])[] = [
  ['unknown-type', { type: 'purchaze', payload }, /unknown event type "purchaze"/],
  ['of-the-system', { type: 'quarantined', payload }, /./],
  ['no-type', { payload }, /unknown event type/],
  [
    'text-for-number',
    { type: 'purchase', payload: { ...payload, quantity: '5' } },
    /quantity: expected int32, found string "5"/,
  ],
  ['fraction', { type: 'purchase', payload: { ...payload, quantity: 1.5 } }, /quantity: expected int32/],
  ['too-large', { type: 'purchase', payload: { ...payload, quantity: 2 ** 31 } }, /quantity: expected int32/],
  ['missing', { type: 'purchase', payload: { customerId: 'ada', stockCode: 'tea', quantity: 1 } }, /unitPrice/],
  ['null', { type: 'purchase', payload: { ...payload, stockCode: null } }, /stockCode/],
  ['no-payload', { type: 'purchase' }, /./],
  ['list', { type: 'purchase', payload: [] }, /./],
  ['future', { type: 'purchase', eventAt: tomorrow, payload }, /eventAt: more than 300000 ms in the future/],
  ['negative', { type: 'purchase', eventAt: -1, payload }, /eventAt: expected whole Unix milliseconds/],
  ['not-a-time', { type: 'purchase', eventAt: '2026-01-01', payload }, /eventAt: expected whole Unix milliseconds/],
  [
    'long-key',
    { type: 'purchase', payload: { ...payload, customerId: 'x'.repeat(5_000) } },
    /customerId: a part of a key/,
  ],
];

test('bad events are in the quarantine with their reasons, and the good ones beside them count', async () => {
  using place = temporaryDirectory();
  await using running = await startShop(place.dir);
  const events = BAD.flatMap(([id, event], at) => [{ ...event, id }, bought(`good-${at}`, 'ada', `item-${at % 3}`)]);
  const { status, body } = await post(running.url, '/v1/events', { events });
  expect(status).toBe(200);
  expect(body).toMatchObject({ accepted: BAD.length, quarantined: BAD.length });
  await running.settle();

  const kept = await quarantineOf(running);
  expect([...kept.keys()].toSorted()).toEqual(BAD.map(([id]) => id).toSorted());
  for (const [at, [id, event, reason]] of BAD.entries()) {
    expect(body.outcomes[2 * at]).toMatchObject({ status: 'quarantined', id, reason: expect.stringMatching(reason) });
    expect(body.outcomes[2 * at + 1]).toEqual({ status: 'accepted', id: `good-${at}` });
    expect(kept.get(id)?.reason).toBe(body.outcomes[2 * at].reason);
    expect(kept.get(id)?.type).toBe((event as { type?: string }).type ?? 'undefined');
  }
  expect(JSON.parse(kept.get('text-for-number')!.payload)).toEqual({ ...payload, quantity: '5' });
  expect(JSON.parse(kept.get('future')!.payload)).toEqual({ eventAt: tomorrow, payload });

  expect((await rowsOf(running, 'purchase')).length).toBe(BAD.length);
  expect(await featuresOf(running, ['ada'])).toMatchObject([{ purchases: BAD.length, quantity: BAD.length }]);
});

test('what is no event at all is refused one by one, and kept', async () => {
  using place = temporaryDirectory();
  await using running = await startShop(place.dir);
  const flat = { type: 'purchase', customerId: 'ada' };
  const wrongId = { type: 'purchase', id: 7, payload };
  const bad = [null, 7, 'text', [1], flat, wrongId];
  const events = [...bad, bought('good', 'ada', 'tea')];
  const { status, body } = await post(running.url, '/v1/events', { events });
  expect(status).toBe(200);
  expect(body).toMatchObject({ accepted: 1, quarantined: bad.length });
  await running.settle();
  const kept = await quarantineOf(running);
  expect([...kept.values()].map((row) => row.payload).toSorted()).toEqual(
    bad.map((event) => JSON.stringify(event)).toSorted(),
  );
  for (const outcome of body.outcomes.slice(0, bad.length)) expect(kept.get(outcome.id)?.reason).toBe(outcome.reason);
});
