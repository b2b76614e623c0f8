import { Frame, float64, int32, type LakeTable, list, nullable, string, timestamp } from '@milonga/core';
import { expect, test } from 'vitest';
import { expectCode } from './expectations.ts';
import { frameOf, gift, gifts, idsIn, type LakeSubject, range, read, tableName } from './lake-subject.ts';

/** What `ensureTables` promises. */
export function testTables({ one, other, table, options }: LakeSubject): void {
  test('ensureTables is idempotent, and an empty table has no rows and no positions', async () => {
    const name = tableName();
    const definition: LakeTable = { name, fields: gifts, partitionBy: 'eventAt' };
    for (const lake of [one(), other(), one()]) await lake.ensureTables([definition]);
    expect(await read(other(), `SELECT * FROM ${one().dialect.table(name)}`)).toEqual([]);
    expect(await one().positions(name)).toEqual(new Map());
  });

  test('any number of tables at once, from several callers at once', async () => {
    const definitions = Array.from({ length: 4 }, () => ({ name: tableName(), fields: gifts, partitionBy: 'eventAt' }));
    await Promise.all([one(), other(), one(), other()].map((lake) => lake.ensureTables(definitions)));
    for (const { name } of definitions) {
      await one().append(name, frameOf([gift('1', 0)]), { ranges: [range(0, 0, 0)] });
      expect(await idsIn(other(), name)).toEqual(['1']);
    }
    await one().ensureTables([]);
  });

  test('new columns are null in older rows, also when they were declared without null', async () => {
    const name = await table();
    await one().append(name, frameOf([gift('1', 0)]), { ranges: [range(0, 0, 0)] });
    const fields = { ...gifts, price: float64(), tags: list(string()), note: nullable(string()) };
    await other().ensureTables([{ name, fields, partitionBy: 'eventAt' }]);
    const row = { ...gift('2', 1), price: 2.5, tags: ['a'], note: null };
    await other().append(name, Frame.fromRows(fields, [row]), { ranges: [range(0, 1, 1)] });
    for (const lake of [one(), other()]) {
      const sql = `SELECT id, price, tags, note FROM ${lake.dialect.table(name)} ORDER BY id`;
      expect(await read(lake, sql)).toEqual([
        { id: '1', price: null, tags: options.hasNullLists === false ? [] : null, note: null },
        { id: '2', price: 2.5, tags: ['a'], note: null },
      ]);
    }
  });

  test('a writer that knows fewer columns goes on; columns that no definition names stay', async () => {
    const name = await table();
    const more = { ...gifts, price: float64() };
    await one().ensureTables([{ name, fields: more, partitionBy: 'eventAt' }]);
    await other().ensureTables([{ name, fields: { id: string(), eventAt: timestamp() }, partitionBy: 'eventAt' }]);
    await one().append(name, Frame.fromRows(more, [{ ...gift('1', 0), price: 1 }]), { ranges: [range(0, 0, 0)] });
    await other().append(name, frameOf([gift('2', 0)]), { ranges: [range(0, 1, 1)] });
    expect(await read(one(), `SELECT id, coins, price FROM ${one().dialect.table(name)} ORDER BY id`)).toEqual([
      { id: '1', coins: 1, price: 1 },
      { id: '2', coins: 1, price: null },
    ]);
  });

  test('a column may become nullable', async () => {
    const name = await table();
    const fields = { ...gifts, fan: nullable(string()) };
    await one().ensureTables([{ name, fields, partitionBy: 'eventAt' }]);
    await other().append(name, Frame.fromRows(fields, [{ ...gift('1', 0), fan: null }]), { ranges: [] });
    expect(await read(one(), `SELECT fan FROM ${one().dialect.table(name)}`)).toEqual([{ fan: null }]);
  });

  test('a column cannot change its kind, nor a table its partition column', async () => {
    const name = await table();
    const changed = { ...gifts, fan: int32() };
    await expectCode(
      one().ensureTables([{ name, fields: changed, partitionBy: 'eventAt' }]),
      'MILONGA_STORAGE_INCOMPATIBLE',
    );
    const fields = { ...gifts, laterAt: timestamp() };
    await expectCode(other().ensureTables([{ name, fields, partitionBy: 'laterAt' }]), 'MILONGA_STORAGE_INCOMPATIBLE');
    await one().append(name, frameOf([gift('1', 0)]), { ranges: [] });
    expect(await idsIn(one(), name)).toEqual(['1']);
  });

  test.each([
    ['a name with other characters', { name: 'no-table', fields: gifts, partitionBy: 'eventAt' }],
    ['a path', { name: '../up', fields: gifts, partitionBy: 'eventAt' }],
    ['an empty name', { name: '', fields: gifts, partitionBy: 'eventAt' }],
    ['a name that begins with a digit', { name: '1a', fields: gifts, partitionBy: 'eventAt' }],
    ['a partition column that is not there', { name: 'a', fields: gifts, partitionBy: 'nowhere' }],
    ['a partition column that is no timestamp', { name: 'a', fields: gifts, partitionBy: 'coins' }],
    ['a nullable partition column', { name: 'a', fields: { eventAt: nullable(timestamp()) }, partitionBy: 'eventAt' }],
    [
      'columns that differ in case',
      { name: 'a', fields: { eventAt: timestamp(), EventAt: timestamp() }, partitionBy: 'eventAt' },
    ],
  ] satisfies readonly (readonly [string, LakeTable])[])(
    'refuses %s, with MILONGA_DEFINITION_INVALID',
    async (_, wrong) => {
      await expectCode(one().ensureTables([wrong]), 'MILONGA_DEFINITION_INVALID');
    },
  );

  test('tables whose names differ only in case are refused', async () => {
    const name = await table();
    const definition = { name: name.toUpperCase(), fields: gifts, partitionBy: 'eventAt' };
    await expectCode(one().ensureTables([definition]), 'MILONGA_DEFINITION_INVALID');
  });
}
