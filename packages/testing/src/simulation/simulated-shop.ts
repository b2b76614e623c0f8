import { type Random, seededRandom } from './random.ts';

/** The world of a {@link SimulatedShop}. */
export interface SimulatedShopOptions {
  /** Default: 1. */
  readonly seed?: number;
  /** Default: 600. */
  readonly customers?: number;
  /** Default: 800. */
  readonly items?: number;
  /** Default: 300. */
  readonly days?: number;
  /** First moment, Unix ms. Default: 2025-01-01. */
  readonly startAt?: number;
  /** Mean days between two visits of a customer. Default: 14. */
  readonly visitEveryDays?: number;
  /** Mean number of items in a basket. Default: 6. */
  readonly basketSize?: number;
}

/** One visit: what was bought, and what the best possible recommender would have shown. */
export interface ShopVisit {
  /** Unix ms; visits come in order of time. */
  readonly at: number;
  readonly invoice: string;
  readonly customer: string;
  /** Distinct. */
  readonly items: readonly string[];
  /** The 20 items most likely to be bought, by the true probabilities, best first: no recommender can do better on average. */
  readonly optimal: readonly string[];
}

const _DAY_MS = 86_400_000;
const TASTES = 8;
const SLATE = 20;

interface Item {
  readonly id: string;
  readonly taste: Float64Array;
  readonly appeal: number;
  readonly season: number;
  readonly releasedDay: number;
}
interface Customer {
  readonly id: string;
  readonly taste: Float64Array;
  /** How strongly earlier purchases are repeated. */
  readonly loyalty: number;
  readonly bought: Map<number, number>;
}

/**
 * A shop whose customers' tastes are known: the probability of each purchase is computed before it is drawn, so the best
 * slate is known too, and a recommender can be held against what is attainable rather than against nothing.
 *
 * A customer buys item i at time t with probability proportional to
 * `exp(taste_c . taste_i + appeal_i + season_i(t)) * (1 + loyalty_c * earlier purchases of i)`; a third of the items appear
 * only later, and seasons drift over about 120 days. A basket is drawn without replacement, so ordering by that probability
 * is the optimal slate.
 *
 * @example
 * ```ts
 * for (const visit of new SimulatedShop({ seed: 7, days: 90 }).visits()) console.log(visit.customer, visit.items);
 * ```
 */
export class SimulatedShop {
  readonly #options: Required<SimulatedShopOptions>;

  constructor(options: SimulatedShopOptions = {}) {
    this.#options = {
      seed: 1,
      customers: 600,
      items: 800,
      days: 300,
      startAt: Date.UTC(2025, 0, 1),
      visitEveryDays: 14,
      basketSize: 6,
      ...options,
    };
  }

  /** Mean number of purchases in all, for a progress bar. */
  get expectedPurchases(): number {
    const { customers, days, visitEveryDays, basketSize } = this.#options;
    return Math.round((customers * days * basketSize) / visitEveryDays);
  }

  /** Every call gives the same visits. */
  *visits(): Generator<ShopVisit> {
    const { seed, customers: customerCount, items: itemCount, days, startAt, visitEveryDays } = this.#options;
    const random = seededRandom(seed);
    const items = Array.from({ length: itemCount }, (_, at) => makeItem(at, days, random));
    const customers = Array.from({ length: customerCount }, (_, at) => makeCustomer(at, random));
    let invoice = 0;
    for (const { at, customer } of schedule(customers, days, visitEveryDays, random)) {
      const weights = weightsOf(customer, items, at);
      const chosen = this.#draw(weights, random);
      if (chosen.length === 0) continue;
      invoice += 1;
      yield {
        at: startAt + Math.floor(at * 1_440) * 60_000,
        invoice: `invoice-${invoice}`,
        customer: customer.id,
        items: chosen.map((index) => (items[index] as Item).id),
        optimal: best(weights).map((index) => (items[index] as Item).id),
      };
      for (const index of chosen) customer.bought.set(index, (customer.bought.get(index) ?? 0) + 1);
    }
  }

  /** A basket without replacement: keys `log(u) / w`, the largest first (Efraimidis and Spirakis, 2006). */
  #draw(weights: Float64Array, random: Random): readonly number[] {
    const size = 1 + Math.floor(random.exponential(this.#options.basketSize - 0.5));
    const keys = Float64Array.from(weights, (weight) =>
      weight > 0 ? Math.log(1 - random.next()) / weight : Number.NEGATIVE_INFINITY,
    );
    return largest(keys, Math.min(size, 40)).filter((index) => (weights[index] as number) > 0);
  }
}

const vector = (scale: number, random: Random): Float64Array =>
  Float64Array.from({ length: TASTES }, () => random.normal() * scale);

const makeItem = (at: number, days: number, random: Random): Item => ({
  id: `item-${String(at).padStart(4, '0')}`,
  taste: vector(1, random),
  appeal: random.normal() * 0.8,
  season: random.next() * 2 * Math.PI,
  releasedDay: random.next() < 0.34 ? random.next() * days * 0.9 : Number.NEGATIVE_INFINITY,
});

const makeCustomer = (at: number, random: Random): Customer => ({
  id: `customer-${String(at).padStart(4, '0')}`,
  taste: vector(0.9, random),
  loyalty: random.exponential(6),
  bought: new Map(),
});

/** All visits in order of time, in days since the start. Everybody has a rhythm of their own. */
function schedule(
  customers: readonly Customer[],
  days: number,
  everyDays: number,
  random: Random,
): { at: number; customer: Customer }[] {
  const visits: { at: number; customer: Customer }[] = [];
  for (const customer of customers) {
    const rhythm = everyDays * Math.exp(random.normal() * 0.5);
    const joined = random.next() < 0.5 ? 0 : random.next() * days * 0.8;
    for (let at = joined + random.exponential(rhythm); at < days; at += 0.5 + random.exponential(rhythm))
      visits.push({ at, customer });
  }
  return visits.sort((left, right) => left.at - right.at);
}

function weightsOf(customer: Customer, items: readonly Item[], day: number): Float64Array {
  return Float64Array.from(items, (item, index) => {
    if (item.releasedDay > day) return 0;
    let affinity = item.appeal + 0.7 * Math.sin(item.season + (2 * Math.PI * day) / 120);
    for (let part = 0; part < TASTES; part += 1)
      affinity += (customer.taste[part] as number) * (item.taste[part] as number);
    return Math.exp(affinity) * (1 + customer.loyalty * (customer.bought.get(index) ?? 0));
  });
}

const best = (weights: Float64Array): readonly number[] =>
  largest(weights, SLATE).filter((index) => (weights[index] as number) > 0);

/** Indices of the largest values, largest first, ties by index. */
function largest(values: Float64Array, count: number): readonly number[] {
  return Array.from(values.keys())
    .sort((left, right) => (values[right] as number) - (values[left] as number) || left - right)
    .slice(0, count);
}
