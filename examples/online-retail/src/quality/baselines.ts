import { days } from '@milonga/core';

const WINDOW_MS = days(30).ms;

/** A purchased item. */
export interface PurchaseRow {
  readonly at: number;
  readonly invoice: string;
  readonly customer: string;
  readonly item: string;
}

/** Enough to fill up a slate of 20 whose own items are all among them. */
const RANKED = 40;

interface PopularItem {
  readonly id: string;
  /** How many purchases of each are in the window. */
  readonly customers: Map<string, number>;
  count: number;
}

const isBefore = (item: PopularItem, other: PopularItem): boolean =>
  item.count > other.count || (item.count === other.count && item.id < other.id);

/** Items by the number of distinct customers who bought them in the 30 days before a moment; ties by id ascending. */
export class PopularBaseline {
  readonly #queue: PurchaseRow[] = [];
  #head = 0;
  /** Purchases in the window by item and customer: the customer counts once while any of them is in it. */
  readonly #items = new Map<string, PopularItem>();
  /** The same, to go through them for every request. */
  readonly #all: PopularItem[] = [];
  #ranking: readonly string[] | undefined;

  add(row: PurchaseRow): void {
    this.#queue.push(row);
    let item = this.#items.get(row.item);
    if (item === undefined) {
      item = { id: row.item, customers: new Map(), count: 0 };
      this.#items.set(row.item, item);
      this.#all.push(item);
    }
    item.customers.set(row.customer, (item.customers.get(row.customer) ?? 0) + 1);
    item.count = item.customers.size;
    this.#ranking = undefined;
  }

  /** The best `RANKED` items; purchases at exactly `at - 30 days` still count. */
  ranking(at: number): readonly string[] {
    this.#expire(at - WINDOW_MS);
    this.#ranking ??= this.#rank();
    return this.#ranking;
  }

  #rank(): readonly string[] {
    const best: PopularItem[] = [];
    for (const item of this.#all) {
      const last = best[RANKED - 1];
      if (item.count === 0 || (last !== undefined && !isBefore(item, last))) continue;
      let place = best.length;
      while (place > 0 && isBefore(item, best[place - 1]!)) place -= 1;
      best.splice(place, 0, item);
      if (best.length > RANKED) best.pop();
    }
    return best.map(({ id }) => id);
  }

  #expire(start: number): void {
    for (let row = this.#queue[this.#head]; row !== undefined && row.at < start; row = this.#queue[this.#head]) {
      this.#head += 1;
      const item = this.#items.get(row.item) as PopularItem;
      const left = (item.customers.get(row.customer) as number) - 1;
      if (left > 0) item.customers.set(row.customer, left);
      else item.customers.delete(row.customer);
      item.count = item.customers.size;
      this.#ranking = undefined;
    }
    if (this.#head > 50_000) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
  }
}

/** A customer's items by the number of distinct invoices; ties by latest purchase, then id. Filled up from `popular`. */
export class FrequentBaseline {
  readonly #customers = new Map<string, Map<string, { invoices: string[]; latestAt: number }>>();

  add({ at, invoice, customer, item }: PurchaseRow): void {
    let items = this.#customers.get(customer);
    if (items === undefined) {
      items = new Map();
      this.#customers.set(customer, items);
    }
    let entry = items.get(item);
    if (entry === undefined) {
      entry = { invoices: [], latestAt: at };
      items.set(item, entry);
    }
    if (!entry.invoices.includes(invoice)) entry.invoices.push(invoice);
    entry.latestAt = at;
  }

  has(customer: string): boolean {
    return this.#customers.has(customer);
  }

  slate(customer: string, popular: readonly string[], size = 20): readonly string[] {
    const own = [...(this.#customers.get(customer) ?? [])]
      .sort(
        ([leftId, left], [rightId, right]) =>
          right.invoices.length - left.invoices.length || right.latestAt - left.latestAt || (leftId < rightId ? -1 : 1),
      )
      .slice(0, size)
      .map(([item]) => item);
    const known = new Set(own);
    for (const item of popular) {
      if (own.length >= size) break;
      if (!known.has(item)) own.push(item);
    }
    return own;
  }
}
