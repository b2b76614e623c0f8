/**
 * Writes to each store until the disk is full, then checks that it can still read; says what was acknowledged and how
 * each store failed. `node full-disk-writer.ts <dir> <durability>`
 */
import { EventSink, EventSource, MilongaError, OfflineStore, OnlineStore } from '@milonga/core';
import { createApp } from '@milonga/core/app';
import { type Durability, local } from '../src/index.ts';

const [dir = '', durability = ''] = process.argv.slice(2);
const app = createApp([local({ dir, partitions: 2, durability: durability as Durability })]);
const { sink, source, offline, online } = await app.resolve({
  sink: EventSink,
  source: EventSource,
  offline: OfflineStore,
  online: OnlineStore,
});
const value = Buffer.alloc(3_000, 1);
await offline.ensureTables([{ name: 'rows', families: { a: { reason: 'a test' } } }]);

async function fill(what: string, write: (i: number) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < 100_000; i += 1) {
    try {
      await write(i);
    } catch (error) {
      if (!MilongaError.isInstance(error)) throw error;
      console.log(`${what} ${i} ${error.code} ${error.isRetryable}`);
      // It stays full, and stays an error.
      await write(i).then(
        () => console.log(`${what} took more`),
        () => {},
      );
      return;
    }
  }
}

await fill('log', (i) => sink.publish('events', [{ id: String(i), key: String(i), eventAt: 0, ingestedAt: 0, value }]));
await fill('offline', (i) =>
  offline.mutateRows('rows', [
    { key: Buffer.from(String(i)), set: [{ family: 'a', qualifier: Buffer.from('q'), value, at: 0 }] },
  ]),
);
await fill('online', (i) =>
  online.writeRows([{ key: String(i), columns: { a: value }, timeToLive: { forever: 'a test' } }]),
);

const [row] = await offline.readRows('rows', [Buffer.from('0')]);
const [online0] = await online.readRows(['0'], ['a']);
const ends = await source.positions('events', 'g');
console.log(
  `reads ${row?.cells[0]?.value.length} ${online0?.[0]?.length} ${ends.reduce((sum, { endOffset }) => sum + endOffset, 0)}`,
);
await app.close();
console.log('closed');
