import { describe, expect, test } from 'vitest';
import { startShopChild } from './shop-child.fixture.ts';
import { bought, featuresOf, historyOf, post, rowsOf, startShop, temporaryDirectory } from './small-shop.fixture.ts';

const BATCH = 100;
const CUSTOMERS = Array.from({ length: 50 }, (_, at) => `customer-${at}`);
const BEGIN = Date.now() - 40 * 60_000;

const batchOf = (number: number): readonly object[] =>
  Array.from({ length: BATCH }, (_, at) => {
    const n = number * BATCH + at;
    const item = `item-${n % 40}-${'x'.repeat(120)}`;
    return bought(`event-${n}`, CUSTOMERS[n % CUSTOMERS.length]!, item, { eventAt: BEGIN + n });
  });

describe.skipIf(process.platform === 'win32')('a full disk', () => {
  test('is a typed error; what was acknowledged survives, and counts once there is room again', async () => {
    using place = temporaryDirectory();
    let taken = 0;
    {
      // No file may grow beyond 3 MiB, by a limit of the system: writes past it fail as those to a full disk do.
      await using child = await startShopChild(place.dir, 'ulimit -f 6144');
      let refused = await post(child.url, '/v1/events', { events: batchOf(0) });
      while (refused.status === 200 && taken < 1_000) {
        taken += 1;
        refused = await post(child.url, '/v1/events', { events: batchOf(taken) });
      }
      expect(refused).toMatchObject({
        status: 507,
        body: { error: { code: 'MILONGA_STORAGE_FULL', isRetryable: true } },
      });
      expect(taken).toBeGreaterThan(10);
      // A retry finds no room either, or pages that were freed meanwhile; nothing in between.
      const again = await post(child.url, '/v1/events', { events: batchOf(taken) });
      if (again.status === 200) expect(again.body).toMatchObject({ accepted: BATCH });
      else expect(again.body.error.code).toBe('MILONGA_STORAGE_FULL');
      expect((await fetch(`${child.url}/livez`)).status).toBe(200);
      const slate = await post(child.url, '/v1/recommend/for-you', { customerId: CUSTOMERS[0] });
      expect(slate.status).toBe(200);
      expect(slate.body.items.length).toBeGreaterThan(0);
      expect(await child.kill('SIGTERM'), child.complaint()).toBe(0);
      expect(child.complaint()).toContain('MILONGA_STORAGE_FULL');
    }

    await using running = await startShop(place.dir);
    expect((await post(running.url, '/v1/events', { events: batchOf(taken) })).body).toMatchObject({ accepted: BATCH });
    await running.settle();
    const ids = (await rowsOf<{ id: string }>(running, 'purchase')).map(({ id }) => id);
    const expected = Array.from({ length: taken + 1 }, (_, number) =>
      batchOf(number).map((one) => (one as { id: string }).id),
    ).flat();
    expect(new Set(ids)).toEqual(new Set(expected)); // a repeated id may be there twice; it counts once
    const each = ((taken + 1) * BATCH) / CUSTOMERS.length;
    const features = await featuresOf(running, CUSTOMERS);
    expect(features).toMatchObject(CUSTOMERS.map(() => ({ purchases: each, quantity: each })));
    expect(await historyOf(running, CUSTOMERS)).toEqual(features);
  }, 60_000);
});
