import {
  boolean,
  Frame,
  float64,
  int32,
  Layout,
  list,
  nullable,
  stackFields,
  string,
  timestamp,
  vector,
} from '@milonga/core';
import { describe, expect, it } from 'vitest';
import { PlannedStage } from '../plan/planned-stage.ts';
import { fromList } from '../stages/from-list.ts';
import { DUPLICATE } from './candidate-table.ts';
import { KnownIds } from './known-ids.ts';
import { SourceMerger, type SourceResult } from './source-merger.ts';

const sources = (count: number): PlannedStage[] =>
  Array.from({ length: count }, (_, at) => new PlannedStage('test', fromList(`s${at}`, []), at) as PlannedStage);

const mergeById = (layout: Layout, stages: readonly PlannedStage[], results: readonly SourceResult[], ids: KnownIds) =>
  new SourceMerger(layout, stages).merge(results, ids);

describe('SourceMerger', () => {
  it('fills gaps of every kind from later rows of the same id, and changes no frame that it was given', () => {
    const own = {
      id: string(),
      number: nullable(float64()),
      at: nullable(timestamp()),
      flag: nullable(boolean()),
      tags: nullable(list(string())),
      point: nullable(vector(2)),
      text: nullable(string()),
    };
    const empty = { number: null, at: null, flag: null, tags: null, point: null, text: null };
    const full = {
      number: 1.5,
      at: 1_790_000_000_123,
      flag: true,
      tags: ['x', 'y'],
      point: Float32Array.of(1, 2),
      text: 'hello',
    };
    const first = Frame.fromRows(own, [
      { id: 'a', ...empty },
      { id: 'b', ...full, number: 7 },
      { id: 'a', ...full },
    ]);
    const second = Frame.fromRows(own, [
      { id: 'c', ...empty },
      { id: 'b', ...full },
    ]);
    const before = first.toRows();
    const table = mergeById(
      Layout.of(own),
      sources(2),
      [
        { source: 0, frame: first },
        { source: 1, frame: second },
      ],
      new KnownIds(),
    );
    expect(table.frame.toRows(table.selection)).toEqual([
      { id: 'a', ...full },
      { id: 'b', ...full, number: 7 },
      { id: 'c', ...empty },
    ]);
    expect(first.toRows()).toEqual(before);
    const alone = mergeById(Layout.of(own), sources(1), [{ source: 0, frame: first }], new KnownIds());
    expect(alone.frame.toRows(alone.selection)[0]).toEqual({ id: 'a', ...full });
    expect(first.toRows()).toEqual(before);
  });

  it('remembers which of any number of sources named a candidate', () => {
    const fields = { id: string() };
    const all = sources(70);
    const results = all.map((_, source) => ({
      source,
      frame: Frame.fromRows(fields, source % 3 === 0 ? [{ id: 'a' }, { id: `own-${source}` }] : [{ id: 'b' }]),
    }));
    const table = mergeById(Layout.of(fields), all, results, new KnownIds());
    const named = (row: number): number[] => Array.from(all.keys()).filter((source) => table.isNamedBy(row, source));
    const ids = table.frame.column('id').toArray();
    expect(named(ids.indexOf('a'))).toEqual(Array.from(all.keys()).filter((source) => source % 3 === 0));
    expect(named(ids.indexOf('b'))).toEqual(Array.from(all.keys()).filter((source) => source % 3 !== 0));
    expect(named(ids.indexOf('own-66'))).toEqual([66]);
    expect(table.droppedBy.filter((code) => code === DUPLICATE).length).toBe(23 + 45);
  });

  it('stacks sources of different columns, and none at all', () => {
    const one = { id: string(), x: int32() };
    const two = { id: string(), y: int32() };
    const layout = Layout.of(stackFields([one, two]));
    const table = mergeById(
      layout,
      sources(2),
      [
        { source: 0, frame: Frame.fromRows(one, [{ id: 'a', x: 1 }]) },
        {
          source: 1,
          frame: Frame.fromRows(two, [
            { id: 'b', y: 2 },
            { id: 'a', y: 3 },
          ]),
        },
      ],
      new KnownIds(),
    );
    expect(table.frame.toRows(table.selection)).toEqual([
      { id: 'a', x: 1, y: 3 },
      { id: 'b', x: null, y: 2 },
    ]);
    expect(mergeById(layout, sources(2), [], new KnownIds()).frame.length).toBe(0);
  });
});
