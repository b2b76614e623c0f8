/**
 * Reads every port of a directory while others write, and checks that nothing is torn and nothing goes back.
 *
 * `node reader.ts <dir> <name> <ms>`
 */
import assert from 'node:assert/strict';
import { EventSource, OfflineStore, OnlineStore } from '@milonga/core';
import { createApp } from '@milonga/core/app';
import { local } from '../src/index.ts';

const [dir = '', name = '', ms = '0'] = process.argv.slice(2);
const numberIn = (value: Uint8Array | undefined): number => Number(Buffer.from(value ?? []).toString());
const newest = new Map<string, number>();
const rise = (what: string, value: number): void => {
  assert(value >= (newest.get(what) ?? 0), `${what} went back from ${newest.get(what)} to ${value}`);
  newest.set(what, value);
};

await using app = createApp([local({ dir, partitions: 3 })]);
const { source, offline, online } = await app.resolve({
  source: EventSource,
  offline: OfflineStore,
  online: OnlineStore,
});
await offline.ensureTables([{ name: 'rows', families: { a: { reason: 'a test' }, b: { reason: 'a test' } } }]);
let events = 0;
const next = new Map<number, number>();
const subscription = await source.subscribe('events', { group: name }, async (batch) => {
  for (const { offset, id, value } of batch.events) {
    assert.equal(offset, next.get(batch.partition) ?? 0);
    assert(Buffer.from(value).toString().startsWith(`value of ${id} `));
    next.set(batch.partition, offset! + 1);
    events += 1;
  }
});
let rows = 0;
for (const endsAt = performance.now() + Number(ms); performance.now() < endsAt; ) {
  for await (const batch of offline.scanRows('rows', {})) {
    for (const { key, cells } of batch) {
      rise(Buffer.from(key).toString(), numberIn(cells[0]!.value));
      if (cells.length === 2) assert.equal(numberIn(cells[0]!.value), numberIn(cells[1]!.value));
      rows += 1;
    }
  }
  const keys = Array.from({ length: 50 }, (_, i) => `key-${i}`);
  for (const [i, row] of (await online.readRows(keys, ['a', 'b'])).entries()) {
    if (row === undefined) continue;
    assert.equal(numberIn(row[0]), numberIn(row[1]));
    rise(`online ${keys[i]}`, numberIn(row[0]));
    rows += 1;
  }
  await new Promise((resolve) => setImmediate(resolve));
}
await subscription.close();
console.log(`read ${rows} ${events}`);
