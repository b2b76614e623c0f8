import { expect, test } from 'vitest';
import { type ShopChild, startShopChild } from './shop-child.fixture.ts';
import { bought, featuresOf, historyOf, post, rowsOf, startShop, temporaryDirectory } from './small-shop.fixture.ts';

const KILLS = 5;
const BATCH = 10;
const CUSTOMERS = Array.from({ length: 25 }, (_, at) => `customer-${at}`);
const BEGIN = Date.now() - 45 * 60_000;

type Batch = readonly object[];

const batchOf = (number: number): Batch =>
  Array.from({ length: BATCH }, (_, at) => {
    const n = number * BATCH + at;
    const customer = CUSTOMERS[(n * 7) % CUSTOMERS.length]!;
    return bought(`event-${n}`, customer, `item-${(n * n) % 41}`, { eventAt: BEGIN + n * 20 });
  });

/** Hands in batches from `first` on until the process is gone; each that was not acknowledged is handed in again later. */
async function sendUntilGone(child: ShopChild, first: number, again: readonly number[]) {
  const acknowledged: number[] = [];
  const open = new Set(again);
  let next = first;
  const client = async (): Promise<void> => {
    for (;;) {
      const [retried] = open;
      const number = retried ?? next++;
      open.delete(number);
      const answer = await post(child.url, '/v1/events', { events: batchOf(number) }).catch(() => undefined);
      if (answer === undefined) return void open.add(number);
      expect(answer.body).toMatchObject({ accepted: BATCH, quarantined: 0 });
      acknowledged.push(number);
    }
  };
  await Promise.all([client(), client(), client()]);
  return { acknowledged, unanswered: [...open], next };
}

test(`after ${KILLS} kills nothing acknowledged is lost, and the features are those of a run without any`, async () => {
  using place = temporaryDirectory();
  const acknowledged: number[] = [];
  let unanswered: readonly number[] = [];
  let next = 0;
  let cutOff = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    await using child = await startShopChild(place.dir);
    const sent = sendUntilGone(child, next, unanswered);
    await new Promise((resolve) => setTimeout(resolve, 60 + ((kill * 137) % 400)));
    expect(await child.kill('SIGKILL')).toBe('SIGKILL');
    const result = await sent;
    acknowledged.push(...result.acknowledged);
    ({ unanswered, next } = result);
    cutOff += unanswered.length;
  }
  expect(acknowledged.length).toBeGreaterThan(KILLS);
  expect(cutOff).toBeGreaterThanOrEqual(KILLS); // the kills came in the middle of requests

  await using running = await startShop(place.dir);
  await running.settle();
  const found = new Set((await rowsOf<{ id: string }>(running, 'purchase')).map(({ id }) => id));
  const idsOf = (numbers: readonly number[]): readonly string[] =>
    numbers.flatMap((number) => batchOf(number).map((one) => (one as { id: string }).id));
  expect(idsOf(acknowledged).filter((id) => !found.has(id))).toEqual([]);

  for (const number of unanswered) await post(running.url, '/v1/events', { events: batchOf(number) });
  await running.settle();
  const all = Array.from({ length: next }, (_, number) => number);
  const after = await featuresOf(running, CUSTOMERS);
  const history = await historyOf(running, CUSTOMERS);
  expect(new Set((await rowsOf<{ id: string }>(running, 'purchase')).map(({ id }) => id))).toEqual(new Set(idsOf(all)));

  using clean = temporaryDirectory();
  await using undisturbed = await startShop(clean.dir);
  for (const number of all) await post(undisturbed.url, '/v1/events', { events: batchOf(number) });
  await undisturbed.settle();
  expect(after).toEqual(await featuresOf(undisturbed, CUSTOMERS));
  expect(history).toEqual(after);
  console.log(`killed ${KILLS} times: ${acknowledged.length * BATCH} events acknowledged, ${next * BATCH} handed in`);
}, 120_000);
