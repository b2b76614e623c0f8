import { expect, test } from 'vitest';
import { bytes, fresh } from './expectations.ts';
import { forever, list, type OnlineSubject, packed, read, write } from './online-store-subject.ts';

/** Times to live, of rows and of lists. */
export function testExpiry(it: OnlineSubject): void {
  test('a row is there before its time is over and gone after', async () => {
    const { unitMs, pass } = it.time();
    const [short, kept] = [fresh('short'), fresh('kept')];
    await it.store().writeRows([
      { key: short, columns: packed({ x: '1' }), timeToLive: { ttlMs: unitMs } },
      { key: kept, columns: packed({ x: '2' }), timeToLive: forever },
    ]);
    expect(await read(it, [short, kept], ['x'])).toEqual([['1'], ['2']]);
    await pass(unitMs);
    expect(await read(it, [short, kept], ['x'])).toEqual([undefined, ['2']]);
  });

  test('a write replaces the time to live of the whole row', async () => {
    const { unitMs, pass } = it.time();
    const [extended, shortened] = [fresh('extended'), fresh('shortened')];
    await it.store().writeRows([
      { key: extended, columns: packed({ x: '1' }), timeToLive: { ttlMs: unitMs } },
      { key: shortened, columns: packed({ x: '1' }), timeToLive: forever },
      { key: extended, columns: packed({ y: '2' }), timeToLive: { ttlMs: unitMs * 60 } },
      { key: shortened, columns: packed({ y: '2' }), timeToLive: { ttlMs: unitMs } },
    ]);
    await pass(unitMs);
    expect(await read(it, [extended, shortened], ['x', 'y'])).toEqual([['1', '2'], undefined]);
  });

  test('columns of an expired row do not come back with the next write', async () => {
    const { unitMs, pass } = it.time();
    const key = fresh('row');
    await it.store().writeRows([{ key, columns: packed({ old: '1' }), timeToLive: { ttlMs: unitMs } }]);
    await pass(unitMs);
    await write(it, key, { fresh: '2' });
    expect(await read(it, [key], ['old', 'fresh'])).toEqual([[undefined, '2']]);
  });

  test('lists expire as rows do, and begin anew', async () => {
    const { unitMs, pass } = it.time();
    const key = fresh('list');
    await it.store().appendLists([{ key, values: [bytes('old')], maxLength: 9, timeToLive: { ttlMs: unitMs } }]);
    expect(await list(it, key)).toEqual(['old']);
    await pass(unitMs);
    expect(await list(it, key)).toEqual([]);
    await it.store().appendLists([{ key, values: [bytes('new')], maxLength: 9, timeToLive: forever }]);
    expect(await list(it, key)).toEqual(['new']);
  });
}
