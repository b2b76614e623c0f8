import { createHash } from 'node:crypto';
import { spreadKeys } from '@milonga/core';
import { describe, expect, test } from 'vitest';
import { openFor } from '../test-support/open.ts';
import { hasRedis, Servers } from '../test-support/servers.ts';
import { RedisOnlineStore } from './online/redis-online-store.ts';

const KEYS = 6_000;
/** Chi-square that chance alone exceeds once in a thousand, by the number of masters (less one: the degrees of freedom). */
const BOUND: Readonly<Record<number, number>> = { 3: 13.82, 6: 20.52, 12: 31.26 };

/** Keys as recommenders have them. */
const shapes: Readonly<Record<string, (at: number) => string>> = {
  'numbers in a row': (at) => `item/${at}`,
  'large numbers with gaps': (at) => `customer:${(at * 7_919) % 1_000_003}`,
  'random ids': (at) => createHash('sha1').update(String(at)).digest('hex'),
  pairs: (at) => `pair/${at % 60}/${Math.floor(at / 60)}`,
};

describe.skipIf(!hasRedis())('keys of a cluster', { timeout: 90_000 }, () => {
  test.each([3, 6, 12])('lie evenly on %i masters: rows and shards', async (masters) => {
    const servers = await Servers.cluster(masters);
    const { nodes } = servers;
    const store = await openFor(
      { nodes, writeTimeoutMs: 5_000 },
      (connection, settings) => new RedisOnlineStore(connection, settings),
    );
    const perMaster = (): readonly number[] =>
      nodes.map(({ port }) => Number.parseInt(servers.cli(port, 'dbsize'), 10));
    const empty = (): void => {
      for (const { port } of nodes) servers.cli(port, 'flushall', 'sync');
    };
    try {
      for (const [shape, keyOf] of Object.entries(shapes)) {
        const keys = Array.from({ length: KEYS }, (_, at) => keyOf(at));
        await store.writeRows(keys.map((key) => ({ key, columns: {}, timeToLive: { ttlMs: 60_000 } })));
        const counts = perMaster();
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(KEYS);
        expect({ shape, isEven: chiSquare(counts) <= BOUND[masters]! }).toEqual({ shape, isEven: true });
        empty();
      }
      for (const shards of [masters, masters * 4]) {
        for (const key of spreadKeys(store, 'pool/popular', shards))
          await store.writeRows([{ key, columns: {}, timeToLive: { ttlMs: 60_000 } }]);
        // A border between masters may lie within a run of slots, so one more or less is as even as it gets.
        for (const count of perMaster()) expect(Math.abs(count - shards / masters)).toBeLessThanOrEqual(1);
        expect(perMaster().reduce((sum, count) => sum + count, 0)).toBe(shards);
        empty();
      }
    } finally {
      await store.close();
      await servers.stop();
    }
  });
});

test('a bad placement fails the bound', () => {
  expect(chiSquare([2_150, 1_950, 1_900])).toBeGreaterThan(BOUND[3]!);
});

/** How far counts are from equal ones. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
