import { Frame, list, nullable, string, timestamp } from '@milonga/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HistoryReader } from './history-reader.ts';
import { itemIndex } from './item-index.ts';

const index = itemIndex(['a', 'b', 'c', 'd']);
const readerOf = (limit: number, halfLife?: number) =>
  new HistoryReader(index, { history: 'history', weights: undefined, limit, halfLife });
const rowsOf = (histories: readonly (readonly string[])[]) =>
  Frame.fromColumns({ history: list(string()) }, { history: histories });

test('the latest of an item counts, unknown ones do not, and no more than the limit', () => {
  const reader = readerOf(4, 1);
  reader.open(rowsOf([['c', 'nobody', 'c', 'a', 'b']]) as unknown as Frame);
  reader.read(0);
  expect([...reader.items.subarray(0, reader.count)]).toEqual([2, 0]);
  expect([...reader.weights.subarray(0, reader.count)]).toEqual([1, 1 / 8]); // by place in the history as it came
  expect([reader.holds(2), reader.holds(1)]).toEqual([true, false]);
});

test('a row is news exactly when its history differs from the one before', () => {
  const history = fc.array(fc.constantFrom('a', 'b', 'nobody'), { maxLength: 3 });
  fc.assert(
    fc.property(fc.array(history, { minLength: 1, maxLength: 8 }), (histories) => {
      const reader = readerOf(10);
      reader.open(rowsOf(histories) as unknown as Frame);
      histories.forEach((own, row) => {
        const isNews = reader.read(row);
        expect(isNews).toBe(row === 0 || JSON.stringify(own) !== JSON.stringify(histories[row - 1]));
        const distinct = [...new Set(own)].filter((id) => id !== 'nobody').map((id) => index.numberOf(id));
        expect([...reader.items.subarray(0, reader.count)]).toEqual(distinct);
      });
    }),
  );
});

test('null is an empty history', () => {
  const reader = readerOf(5);
  const rows = Frame.fromRows({ history: nullable(list(string())) }, [{ history: ['a'] }, { history: null }]);
  reader.open(rows as unknown as Frame);
  reader.read(0);
  expect(reader.count).toBe(1);
  reader.read(1);
  expect(reader.count).toBe(0);
});

test('a column of another type is refused in words', () => {
  const rows = Frame.fromRows({ history: list(timestamp()) }, [{ history: [5] }]);
  expect(() => readerOf(5).open(rows as unknown as Frame)).toThrow('Column "history" must be a list of strings');
});
