import { describe, expect, it } from 'vitest';
import { FrequentBaseline, PopularBaseline } from './baselines.ts';
import { qualityOf } from './metrics.ts';

const DAY = 86_400_000;
const row = (day: number, invoice: string, customer: string, item: string) => ({
  at: day * DAY,
  invoice,
  customer,
  item,
});

describe('baselines', () => {
  it('counts distinct customers of the last 30 days, the first moment included, ties by id', () => {
    const popular = new PopularBaseline();
    for (const purchase of [
      row(0, '1', 'a', 'x'),
      row(0, '2', 'b', 'x'),
      row(1, '3', 'a', 'z'),
      row(1, '3', 'a', 'z'),
      row(2, '4', 'c', 'y'),
    ])
      popular.add(purchase);
    expect(popular.ranking(30 * DAY)).toEqual(['x', 'y', 'z']);
    expect(popular.ranking(30 * DAY + 1)).toEqual(['y', 'z']);
    expect(popular.ranking(31 * DAY + 1)).toEqual(['y']);
  });

  it('orders by distinct invoices, then latest purchase, then id, and fills up', () => {
    const frequent = new FrequentBaseline();
    for (const purchase of [
      row(0, '1', 'a', 'x'),
      row(0, '1', 'a', 'x'),
      row(1, '2', 'a', 'y'),
      row(1, '2', 'a', 'w'),
      row(2, '3', 'a', 'w'),
    ])
      frequent.add(purchase);
    expect(frequent.slate('a', ['y', 'q', 'r'], 4)).toEqual(['w', 'y', 'x', 'q']);
    expect(frequent.slate('nobody', ['y', 'q', 'r'], 2)).toEqual(['y', 'q']);
  });
});

describe('qualityOf', () => {
  it('is 1 for the ideal slate and falls with the rank', () => {
    expect(qualityOf(['a', 'b'], new Set(['a', 'b']))).toEqual({ recall20: 1, ndcg20: 1 });
    const late = qualityOf(['q', 'a'], new Set(['a', 'b']));
    expect(late.recall20).toBe(0.5);
    expect(late.ndcg20).toBeCloseTo(1 / Math.log2(3) / (1 + 1 / Math.log2(3)), 12);
  });
});
