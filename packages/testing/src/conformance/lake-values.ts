import { Frame, type Row } from '@milonga/core';
import { expect, test } from 'vitest';
import { expectCode, random } from './expectations.ts';
import { everything, type LakeSubject, read, START, tableName } from './lake-subject.ts';

type Everything = Row<typeof everything>;

const plain: Everything = {
  id: 'plain',
  eventAt: START,
  count: 1,
  amount: 0.1,
  ratio: 0.5,
  isNew: true,
  device: 'tablet',
  tags: ['a', 'b'],
  counts: [1, 2],
  scores: [0.5, 1e300],
  times: [START, START + 1],
  embedding: Float32Array.of(1, 2, 3),
  note: 'n',
  age: 1.5,
  seenAt: START,
  isLate: false,
  words: ['w'],
  picture: Float32Array.of(0.5, 1),
};
const extremes: Everything = {
  ...plain,
  id: 'extremes',
  count: -2_147_483_648,
  amount: -Number.MAX_VALUE,
  ratio: Infinity,
  eventAt: Date.UTC(1969, 11, 31, 23, 59, 59, 999),
  tags: [],
  counts: [2_147_483_647, 0, -1],
  scores: [-0, Number.MIN_VALUE],
  times: [-1, 253_402_300_799_999],
  words: [],
};
const nulls: Everything = {
  ...plain,
  id: 'nulls',
  note: null,
  age: null,
  seenAt: null,
  isLate: null,
  words: null,
  picture: null,
  isNew: false,
};
const texts = [
  '',
  'a',
  'twelve bytes',
  'thirteen byte',
  'zwölf Bytes!',
  'ключ 🔑 to a longer text',
  'quote \' and " and \\',
  'line\nbreak',
  'zero \0 within the text',
  'x'.repeat(100_000),
  'null',
  'NULL',
];

export function testValues({ one, other, options }: LakeSubject): void {
  const { least, most } = options.moments ?? { least: -8.64e15, most: 8.64e15 };
  /** As the engine gives it back. */
  const kept = <R extends { readonly words: readonly string[] | null }>(row: R): R =>
    row.words === null && options.hasNullLists === false ? { ...row, words: [] } : row;
  const roundTrip = async (rows: readonly Everything[]): Promise<readonly unknown[]> => {
    const name = tableName();
    await one().ensureTables([{ name, fields: everything, partitionBy: 'eventAt' }]);
    await one().append(name, Frame.fromRows(everything, rows), { ranges: [] });
    const found: unknown[] = [];
    for await (const frame of other().query(`SELECT * FROM ${one().dialect.table(name)}`)) {
      expect(frame.layout.types.every(({ isNullable }) => isNullable)).toBe(true);
      found.push(...frame.as(everything).toRows());
    }
    return found.sort(byId);
  };
  const byId = (left: unknown, right: unknown): number => ((left as Everything).id < (right as Everything).id ? -1 : 1);

  test('every kind of value comes back as it was, null too', async () => {
    expect(await roundTrip([plain, extremes, nulls])).toEqual([extremes, kept(nulls), plain]);
  });

  test.each(texts.map((text) => [text.length > 40 ? `${text.length} characters` : JSON.stringify(text), text]))(
    'the text %s',
    async (_, text) => {
      const row = { ...plain, id: text, tags: [text, 'b', text], note: text };
      expect(await roundTrip([row])).toEqual([row]);
    },
  );

  test('many rows with values of every length, repeated and not', async () => {
    const next = random(11);
    const pick = (): string => (next() < 0.3 ? `one of a kind ${next()}` : texts[Math.floor(next() * 8)]!);
    const rows = Array.from(
      { length: 7_000 },
      (_, i): Everything => ({
        ...(i % 3 === 0 ? nulls : i % 3 === 1 ? plain : extremes),
        id: String(i).padStart(5, '0'),
        count: i,
        eventAt: START + Math.floor((next() - 0.5) * 1e12),
        tags: Array.from({ length: Math.floor(next() * 4) }, pick),
        note: next() < 0.2 ? null : pick(),
        words: next() < 0.2 ? null : Array.from({ length: Math.floor(next() * 3) }, pick),
        isNew: next() < 0.5,
        device: (['phone', 'tablet', 'desktop'] as const)[Math.floor(next() * 3)]!,
        picture: next() < 0.5 ? null : Float32Array.of(next(), next()),
        times: Array.from({ length: Math.floor(next() * 3) }, () => Math.floor(next() * 1e12)),
      }),
    );
    expect(await roundTrip(rows)).toEqual(rows.map(kept));
  });

  test('timestamps come back as Unix ms, enumerations as strings, integers as int32 or float64', async () => {
    const name = tableName();
    await one().ensureTables([{ name, fields: everything, partitionBy: 'eventAt' }]);
    await one().append(name, Frame.fromRows(everything, [plain]), { ranges: [] });
    for await (const frame of one().query(`SELECT eventAt, device, count FROM ${one().dialect.table(name)}`)) {
      expect(frame.layout.types.map(({ kind }) => kind)).toEqual([
        'timestamp',
        'string',
        expect.stringMatching(/^(int32|float64)$/),
      ]);
      expect(frame.toRows()).toEqual([{ eventAt: START, device: 'tablet', count: 1 }]);
    }
  });

  test('the same values through frames of a query', async () => {
    const rows = [extremes, nulls, plain];
    const frames = { given: Frame.fromRows(everything, rows) };
    const found: unknown[] = [];
    for await (const frame of one().query(`SELECT * FROM ${one().dialect.table('given')}`, [], { frames }))
      found.push(...frame.as(everything).toRows());
    expect(found.sort(byId)).toEqual(rows.map(kept));
  });

  test('a moment beyond those that can be kept is refused before it can spoil a table', async () => {
    for (const wrong of [{ eventAt: most + 1 }, { seenAt: least - 1 }, { times: [0, most + 1] }]) {
      const name = tableName();
      await one().ensureTables([{ name, fields: everything, partitionBy: 'eventAt' }]);
      await expectCode(
        one().append(name, Frame.fromRows(everything, [{ ...plain, ...wrong }]), { ranges: [] }),
        'MILONGA_LAKE_APPEND_FAILED',
      );
      expect(await read(other(), `SELECT * FROM ${one().dialect.table(name)}`)).toEqual([]);
    }
    const extreme = { ...plain, eventAt: most, seenAt: least, times: [most, least] };
    expect(await roundTrip([extreme])).toEqual([extreme]);
  });

  test('integers are exact up to 2^53 and refused beyond', async () => {
    for (const value of [2 ** 53, -(2 ** 53), 2 ** 31, -(2 ** 31) - 1, 0]) {
      expect(await read(one(), 'SELECT ? AS x', [value])).toEqual([{ x: value }]);
    }
    await expect(read(one(), 'SELECT ? + 1 AS x', [2 ** 53 - 1])).resolves.toEqual([{ x: 2 ** 53 }]);
    await expect(read(one(), 'SELECT ? + ? AS sum', [2 ** 53 - 1, 2])).rejects.toThrow('sum');
  });
}
