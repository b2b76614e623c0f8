import { MilongaError } from '@milonga/core';
import { expect, test } from 'vitest';
import { ColumnPicker, expiresAt } from './row-codec.ts';

/** A row as the script writes it. */
function packed(columns: Readonly<Record<string, string>>, expires = Infinity): Buffer {
  const header = Buffer.alloc(9, 1);
  header.writeDoubleLE(expires, 1);
  const parts = Object.entries(columns).flatMap(([name, value]) => {
    const lengths = Buffer.alloc(6);
    lengths.writeUInt16LE(Buffer.byteLength(name), 0);
    lengths.writeUInt32LE(Buffer.byteLength(value), 2);
    return [lengths, Buffer.from(name), Buffer.from(value)];
  });
  return Buffer.concat([header, ...parts]);
}
const pick = (row: Buffer, columns: readonly string[]): unknown =>
  new ColumnPicker(columns).pick(row).map((value) => value && Buffer.from(value).toString());

test('columns are found by name, in any order, among others', () => {
  const row = packed({ a: '1', größe: '22', '': 'none', b: '' });
  expect(pick(row, ['a', 'größe', '', 'b'])).toEqual(['1', '22', 'none', '']);
  expect(pick(row, ['b', 'x', 'a'])).toEqual(['', undefined, '1']);
  expect(pick(row, ['a', 'b', 'a', 'x', 'x'])).toEqual(['1', '', '1', undefined, undefined]);
  expect(pick(row, [])).toEqual([]);
  expect(pick(packed({}), ['a'])).toEqual([undefined]);
  expect(expiresAt(packed({}, 1_234.5))).toBe(1_234.5);
});

test('bytes that are no row are MILONGA_STORAGE_CORRUPT', () => {
  const row = packed({ name: 'value', other: 'more' });
  const whole = new Set([9, 9 + 6 + 9, row.length]);
  for (let size = 0; size < row.length; size += 1) {
    if (whole.has(size)) continue;
    expect(() => pick(row.subarray(0, size), ['name'])).toThrow(MilongaError);
  }
  expect(() => pick(Buffer.from('written by something else'), ['name'])).toThrow('version 119 and 25 bytes');
});
