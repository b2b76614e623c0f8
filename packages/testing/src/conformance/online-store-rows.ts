import { expect, test } from 'vitest';
import { bytes, during, fresh, text } from './expectations.ts';
import { forever, type OnlineSubject, packed, read, write } from './online-store-subject.ts';

/** What a write leaves and a read gives: order, columns, bytes, atomicity. */
export function testRows(it: OnlineSubject): void {
  test('one entry per key, in order, undefined where absent; the same key twice gives the same row twice', async () => {
    const [a, b, absent] = [fresh('a'), fresh('b'), fresh('absent')];
    await write(it, a, { x: '1', y: '2' });
    await write(it, b, { y: '3' });
    expect(await read(it, [b, absent, a, b], ['x', 'y', 'never'])).toEqual([
      [undefined, '3', undefined],
      undefined,
      ['1', '2', undefined],
      [undefined, '3', undefined],
    ]);
  });

  test('columns come in the order of the ask, also when one is asked for twice', async () => {
    const key = fresh('row');
    await write(it, key, { x: '1', y: '2' });
    expect(await read(it, [key], ['y', 'x', 'y'])).toEqual([['2', '1', '2']]);
  });

  test('no keys give no rows; no columns tell which rows are there', async () => {
    const key = fresh('row');
    await write(it, key, { x: '1' });
    expect(await read(it, [], ['x'])).toEqual([]);
    expect(await read(it, [key, fresh('absent')], [])).toEqual([[], undefined]);
  });

  test('a write sets its columns and leaves the others', async () => {
    const key = fresh('row');
    await write(it, key, { x: '1', y: '2' });
    await write(it, key, { y: 'two', z: '3' });
    expect(await read(it, [key], ['x', 'y', 'z'])).toEqual([['1', 'two', '3']]);
  });

  test('the same key twice in a batch applies in order', async () => {
    const key = fresh('row');
    await it.store().writeRows([
      { key, columns: packed({ x: 'first', y: 'kept' }), timeToLive: forever },
      { key, columns: packed({ x: 'second' }), timeToLive: forever },
    ]);
    expect(await read(it, [key], ['x', 'y'])).toEqual([['second', 'kept']]);
  });

  test('deleted rows are gone; deleting an absent row does nothing', async () => {
    const [key, other] = [fresh('row'), fresh('other')];
    await write(it, key, { x: '1' });
    await write(it, other, { x: '2' });
    await it.store().deleteRows([key, fresh('absent'), key]);
    await it.store().deleteRows([]);
    expect(await read(it, [key, other], ['x'])).toEqual([undefined, ['2']]);
  });

  test('keys and columns may be any text', async () => {
    const odd = ['ключ', '鍵', '🔑', 'a b', 'a:b', '{a}b', 'a/b', 'a\u0000b', "'; --", 'x'.repeat(500)].map((part) =>
      fresh(part),
    );
    const common = fresh('y'.repeat(400));
    const alike = ['1', '2', '\u0000', '\u00001', 'É', 'E\u0301', 'é', ' '].map((end) => common + end);
    const keys = [...odd, ...alike];
    for (const key of keys) await write(it, key, { größe: key, 'with space': '1' });
    expect(await read(it, keys, ['größe', 'with space'])).toEqual(keys.map((key) => [key, '1']));
  });

  test('values may be any bytes: none, all 256, a megabyte; and are not changed by what the caller does to theirs', async () => {
    const key = fresh('row');
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const large = new Uint8Array(1024 * 1024).fill(7);
    const own = bytes('before');
    await it.store().writeRows([{ key, columns: { none: new Uint8Array(), all, large, own }, timeToLive: forever }]);
    own.fill(0);
    const [row] = await it.store().readRows([key], ['none', 'all', 'large', 'own']);
    expect(row?.[0]?.length).toBe(0);
    expect(Buffer.compare(row![1]!, all)).toBe(0);
    expect(Buffer.compare(row![2]!, large)).toBe(0);
    expect(text(row![3])).toBe('before');
  });

  test('thousands of rows in one call', async () => {
    const keys = Array.from({ length: 5_000 }, () => fresh('many'));
    await it.store().writeRows(keys.map((key) => ({ key, columns: packed({ self: key }), timeToLive: forever })));
    expect(await read(it, keys, ['self'])).toEqual(keys.map((key) => [key]));
  });

  test('a row is atomic: a reader never sees half a write', async () => {
    const key = fresh('row');
    await write(it, key, { a: '0', b: '0' });
    const writer = (async () => {
      for (let i = 1; i <= 200; i += 1) await write(it, key, { a: String(i), b: String(i) });
    })();
    await during(writer, async () => {
      const [row] = await it.store().readRows([key], ['a', 'b']);
      expect(text(row![0])).toBe(text(row![1]));
    });
    expect(await read(it, [key], ['a', 'b'])).toEqual([['200', '200']]);
  });

  test('writers of different columns of one row do not undo each other', async () => {
    const key = fresh('row');
    await Promise.all(Array.from({ length: 40 }, (_, i) => write(it, key, { [`c${i}`]: String(i) })));
    const columns = Array.from({ length: 40 }, (_, i) => `c${i}`);
    expect(await read(it, [key], columns)).toEqual([columns.map((_, i) => String(i))]);
  });
}
