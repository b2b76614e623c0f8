import { expect, test } from 'vitest';
import { type ArtifactStoreSubject, listed } from './artifact-store-subject.ts';
import { bytes, during, fresh, random, text } from './expectations.ts';

export function testObjects({ one, other }: ArtifactStoreSubject): void {
  test('an object is what was put, for everyone', async () => {
    const name = `${fresh('object')}/model=1/weights.bin`;
    const value = Uint8Array.from({ length: 70_000 }, (_, i) => i * 7);
    expect(await one().putIfAbsent(name, value)).toBe(true);
    for (const store of [one(), other()]) expect(Buffer.compare((await store.get(name))!, value)).toBe(0);
  });

  test('an empty object is an object', async () => {
    const name = fresh('empty');
    expect(await one().putIfAbsent(name, new Uint8Array())).toBe(true);
    expect((await other().get(name))?.length).toBe(0);
    expect(await listed(one(), name)).toEqual([{ name, bytes: 0 }]);
  });

  test('absent is undefined', async () => {
    expect(await one().get(fresh('absent'))).toBeUndefined();
    expect(await one().get(`${fresh('absent')}/x/y`)).toBeUndefined();
  });

  test('it does not keep the array it is given, and gives out arrays of its own', async () => {
    const name = fresh('own');
    const value = bytes('before');
    await one().putIfAbsent(name, value);
    value.fill(0);
    (await one().get(name))!.fill(1);
    expect(text(await one().get(name))).toBe('before');
  });

  test('takes a view into a larger buffer for what it shows', async () => {
    const name = fresh('view');
    await one().putIfAbsent(name, bytes('a larger buffer').subarray(2, 8));
    expect(text(await one().get(name))).toBe('larger');
  });

  test('the second put is false and changes nothing', async () => {
    const name = fresh('second');
    expect(await one().putIfAbsent(name, bytes('first'))).toBe(true);
    expect(await one().putIfAbsent(name, bytes('second, and longer'))).toBe(false);
    expect(await other().putIfAbsent(name, bytes(''))).toBe(false);
    expect(text(await other().get(name))).toBe('first');
  });

  test('of 200 that race one wins, and its bytes stay', async () => {
    const name = `${fresh('race')}/new/folder`;
    const value = (i: number): Uint8Array => new Uint8Array(2_000 + i).fill(i);
    const wins = await Promise.all(
      Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? one() : other()).putIfAbsent(name, value(i))),
    );
    expect(wins.filter((isFirst) => isFirst).length).toBe(1);
    expect(Buffer.compare((await one().get(name))!, value(wins.indexOf(true)))).toBe(0);
  });

  test('a reader sees all the bytes or nothing', async () => {
    const folder = fresh('whole');
    const size = 3_000_000;
    const writer = Promise.all(
      Array.from({ length: 8 }, (_, i) => one().putIfAbsent(`${folder}/${i}`, new Uint8Array(size).fill(7))),
    );
    let i = 0;
    await during(writer, async () => {
      i += 1;
      const found = await other().get(`${folder}/${i % 8}`);
      if (found !== undefined) expect(found.length === size && found[size - 1] === 7).toBe(true);
      for (const info of await listed(other(), folder)) expect(info.bytes).toBe(size);
    });
  });

  test('a range is clipped to the object', async () => {
    const name = fresh('range');
    await one().putIfAbsent(name, bytes('0123456789'));
    const ranges: readonly (readonly [number, number, string])[] = [
      [0, 10, '0123456789'],
      [2, 5, '234'],
      [9, 10, '9'],
      [4, 4, ''],
      [8, 1_000, '89'],
      [10, 20, ''],
      [50, 60, ''],
      [-5, 3, '012'],
      [5, 2, ''],
      [0, Infinity, '0123456789'],
    ];
    for (const [start, end, expected] of ranges)
      expect(text(await one().get(name, { range: { start, end } }))).toBe(expected);
    expect(await one().get(fresh('absent'), { range: { start: 0, end: 1 } })).toBeUndefined();
  });

  test('ranges of a large object', async () => {
    const name = fresh('large');
    const size = 20_000_003;
    const value = new Uint8Array(size);
    for (let i = 0; i < size; i += 1) value[i] = (i * 31) >>> 8;
    await one().putIfAbsent(name, value);
    const next = random(5);
    for (let i = 0; i < 5; i += 1) {
      const start = Math.floor(next() * size);
      const end = start + Math.floor(next() * 1_000_000);
      const part = (await other().get(name, { range: { start, end } }))!;
      expect(Buffer.compare(part, value.subarray(start, end))).toBe(0);
    }
    expect(Buffer.compare((await other().get(name))!, value)).toBe(0);
    await one().remove(name);
  });
}
