import { expect, test } from 'vitest';
import { startShopChild } from './shop-child.fixture.ts';
import { bought, featuresOf, historyOf, post, rowsOf, startShop, temporaryDirectory } from './small-shop.fixture.ts';

const BATCH = 1_000;
const BEGIN = Date.now() - 40 * 60_000;
const batchOf = (number: number): readonly object[] =>
  Array.from({ length: BATCH }, (_, at) => {
    const n = number * BATCH + at;
    return bought(`${n}`, `${n}`, `${n % 10}`, { eventAt: BEGIN + n });
  });

/** Each event is of a customer of its own: what its features need of the disk is more than the event itself. */
test.skipIf(process.platform === 'win32')(
  'a store of features that is full delays features and loses none, while events are taken',
  async () => {
    using place = temporaryDirectory();
    let taken = 0;
    {
      await using child = await startShopChild(place.dir, 'ulimit -f 6144'); // no file beyond 3 MiB
      const isFull = (): boolean => /offline\.mdb.*A store is full or away/.test(child.complaint());
      const send = async (): Promise<void> => {
        expect((await post(child.url, '/v1/events', { events: batchOf(taken) })).status).toBe(200);
        taken += 1;
      };
      while (!isFull() && taken < 20) await send();
      await expect.poll(isFull, { timeout: 10_000 }).toBe(true);
      for (let more = 0; more < 3; more += 1) await send();
      await new Promise((resolve) => setTimeout(resolve, 2_000)); // more than the attempts of a batch take
      expect(await child.kill('SIGTERM'), child.complaint()).toBe(0);
    }

    await using running = await startShop(place.dir);
    await running.settle();
    expect((await rowsOf(running, 'purchase')).length).toBe(taken * BATCH);
    const customers = Array.from({ length: taken * BATCH }, (_, n) => `${n}`);
    const features = (await featuresOf(running, customers)) as readonly { readonly purchases: number }[];
    expect(features.filter(({ purchases }) => purchases !== 1)).toEqual([]);
    expect(await historyOf(running, customers.slice(-200))).toEqual(features.slice(-200));
  },
  60_000,
);
