import { describe, expect, it } from 'vitest';
import { SimulatedShop } from './simulated-shop.ts';

const visitsOf = (seed: number) => [...new SimulatedShop({ seed, customers: 80, items: 120, days: 120 }).visits()];

/** Mean share of a basket that a slate holds. */
const recall = (visits: readonly { items: readonly string[] }[], slateOf: (at: number) => readonly string[]): number =>
  visits.reduce((sum, visit, at) => {
    const slate = new Set(slateOf(at));
    return sum + visit.items.filter((item) => slate.has(item)).length / visit.items.length;
  }, 0) / visits.length;

describe('SimulatedShop', () => {
  it('is the same for a seed, and another for another', () => {
    expect(visitsOf(3)).toEqual(visitsOf(3));
    expect(visitsOf(3)).not.toEqual(visitsOf(4));
  });

  it('runs in order of time, with baskets of distinct items', () => {
    const visits = visitsOf(5);
    expect(visits.length).toBeGreaterThan(300);
    expect(visits.every((visit, at) => at === 0 || visit.at >= (visits[at - 1]?.at ?? 0))).toBe(true);
    expect(visits.every(({ items }) => items.length > 0 && new Set(items).size === items.length)).toBe(true);
  });

  it('knows a slate that no honest one beats', () => {
    const visits = visitsOf(6);
    const counts = new Map<string, number>();
    for (const { items } of visits) for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
    const popular = [...counts]
      .sort((left, right) => right[1] - left[1])
      .slice(0, 20)
      .map(([item]) => item);
    const optimal = recall(visits, (at) => visits[at]?.optimal ?? []);
    expect(optimal).toBeGreaterThan(1.3 * recall(visits, () => popular));
  });

  it('sells new items only after their release', () => {
    const visits = visitsOf(7);
    const first = new Set(visits.slice(0, visits.length / 4).flatMap(({ items }) => items));
    const all = new Set(visits.flatMap(({ items }) => items));
    expect(all.size).toBeGreaterThan(first.size);
  });
});
