import { days, type Recommendation } from '@milonga/core';
import { Entities, type RunRecord } from '../compare/run-record.ts';
import type { Evaluation } from '../quality/evaluation.ts';
import type { RequestLog } from '../report/request-log.ts';
import type { ReplayTarget } from '../target/replay-target.ts';
import type { FreshnessProbe } from './freshness-probe.ts';
import type { ShopEvent, ShopSource } from './shop-rows.ts';

/** Events that may be published before the features have caught up: it bounds how stale a feature gets at full speed. */
const MOST_AHEAD = 3_000;
const PROBE_EVERY = 2_000;
/** Between two requests while models train. */
const PAUSE_MS = 40;
const RETRAIN_EVERY_MS = days(30).ms;

/** What a replay drives and whom it tells. */
export interface ReplayOptions {
  readonly target: ReplayTarget;
  readonly source: ShopSource;
  readonly evaluation: Evaluation;
  readonly requests: RequestLog;
  readonly freshness: FreshnessProbe;
  readonly record: RunRecord | undefined;
  readonly evaluateFrom: number;
  readonly until: number;
  readonly signal: AbortSignal;
  readonly onProgress: (eventsRead: number, at: number, note: string) => void;
}

/** Counts of what the border said. */
export interface EventCounts {
  read: number;
  accepted: number;
  quarantined: number;
  readonly reasons: Record<string, number>;
}

/**
 * Lets the past happen again, in order, at full speed: the clock goes to the moment of the next events; invoices that begin
 * then are predicted with what is known; only then are their events handed in.
 */
export class Replay {
  readonly counts: EventCounts = { read: 0, accepted: 0, quarantined: 0, reasons: {} };
  /** Where the time went: on events, on training and swapping, on evaluated requests with what they wait for. */
  readonly phasesMs = { events: 0, training: 0, requests: 0 };
  /** What was met; only kept when it will be written down. */
  readonly entities: Entities | undefined;
  readonly #options: ReplayOptions;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #seenInvoices = new Set<string>();
  readonly #customers: string[] = [];
  readonly #knownCustomers = new Set<string>();
  #ahead = 0;
  #sinceProbe = 0;
  #trainAt = Number.POSITIVE_INFINITY;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.entities = options.record === undefined ? undefined : new Entities();
  }

  /** @returns the event time at which it ended. */
  async run(): Promise<number> {
    const { source, until, signal } = this.#options;
    const startedMs = performance.now();
    let at = 0;
    for await (const moment of byMoment(source.events())) {
      at = (moment[0] as ShopEvent).at;
      if (at >= until || signal.aborted) break;
      if (this.#trainAt === Number.POSITIVE_INFINITY) this.#trainAt = at + RETRAIN_EVERY_MS;
      while (this.#trainAt <= at && !signal.aborted) await this.#timed('training', () => this.#train());
      await this.#options.target.advanceTo(at);
      await this.#ask(moment, at);
      await this.#handIn(moment, at);
      this.#options.onProgress(this.counts.read, at, '');
    }
    await this.#catchUp();
    await this.#options.freshness.settle();
    this.phasesMs.events = performance.now() - startedMs - this.phasesMs.training - this.phasesMs.requests;
    return at;
  }

  async #timed<T>(phase: 'training' | 'requests', work: () => Promise<T>): Promise<T> {
    const startedMs = performance.now();
    try {
      return await work();
    } finally {
      this.phasesMs[phase] += performance.now() - startedMs;
    }
  }

  /** Everything that is due trains and swaps at its own moment, while requests go on. */
  async #train(): Promise<void> {
    const { target, requests } = this.#options;
    await this.#catchUp();
    await target.settle('lake');
    const at = this.#trainAt;
    this.#trainAt += RETRAIN_EVERY_MS;
    requests.isSwapping = true;
    await target.advanceTo(at);
    const work = Promise.all(['train', 'predict'].map((role) => target.settle(role)));
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    await Promise.all([done, this.#traffic(() => isDone, at)]);
    await target.settle('predict');
    requests.isSwapping = false;
  }

  async #traffic(isDone: () => boolean, at: number): Promise<void> {
    for (let count = 0; !isDone(); count += 1) {
      this.#options.onProgress(this.counts.read, at, 'training and swapping');
      const customerId = this.#customers[(count * 7_919) % Math.max(1, this.#customers.length)] ?? 'nobody';
      await this.#recommend(customerId);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  async #ask(moment: readonly ShopEvent[], at: number): Promise<void> {
    const { evaluation, evaluateFrom } = this.#options;
    const beginning = moment.filter(
      ({ purchase }) => purchase !== undefined && !this.#seenInvoices.has(purchase.invoice),
    );
    for (const { purchase, optimal } of beginning) {
      if (purchase === undefined || this.#seenInvoices.has(purchase.invoice)) continue;
      this.#seenInvoices.add(purchase.invoice);
      if (at < evaluateFrom || !evaluation.isReturning(purchase.customer)) continue;
      await this.#catchUp(); // what is known so far is an event's work
      const answer = await this.#timed('requests', () => this.#recommend(purchase.customer));
      this.#options.record?.slate(purchase.invoice, answer);
      const items = answer?.items.map(({ id }) => String(id)) ?? [];
      evaluation.ask(purchase.invoice, purchase.customer, at, items, optimal);
    }
  }

  #recommend(customerId: string): Promise<Recommendation | undefined> {
    const { requests, target } = this.#options;
    return requests.measure(() => target.recommendations.recommend('for-you', { customerId, limit: 20 }));
  }

  async #handIn(moment: readonly ShopEvent[], at: number): Promise<void> {
    this.counts.read += moment.length;
    this.#sinceProbe += moment.length;
    const first = moment.find(({ purchase }) => purchase !== undefined)?.purchase;
    if (this.#sinceProbe >= PROBE_EVERY && first !== undefined) {
      this.#sinceProbe = 0;
      this.#options.freshness.start(first.customer, at);
    }
    const handingIn = this.#collect(moment).finally(() => this.#inFlight.delete(handingIn));
    this.#inFlight.add(handingIn);
    for (const { purchase } of moment) if (purchase !== undefined) this.#remember(purchase, at);
    this.#ahead += moment.length;
    if (this.#ahead >= MOST_AHEAD) await this.#catchUp();
  }

  #remember(purchase: NonNullable<ShopEvent['purchase']>, at: number): void {
    this.#options.evaluation.add({ at, ...purchase });
    this.entities?.add(purchase);
    if (this.#knownCustomers.has(purchase.customer)) return;
    this.#knownCustomers.add(purchase.customer);
    this.#customers.push(purchase.customer);
  }

  async #collect(moment: readonly ShopEvent[]): Promise<void> {
    const outcomes = await this.#options.target.collector.collect(moment.map(({ event }) => event));
    for (const outcome of outcomes) {
      if (outcome.status === 'accepted') this.counts.accepted += 1;
      else {
        this.counts.quarantined += 1;
        this.counts.reasons[outcome.reason] = (this.counts.reasons[outcome.reason] ?? 0) + 1;
      }
    }
  }

  /** Waits until every event handed in so far is in the features. */
  async #catchUp(): Promise<void> {
    if (this.#ahead === 0) return;
    this.#ahead = 0;
    await Promise.all(this.#inFlight);
    await this.#options.target.settle('tiles');
    await this.#options.target.settle('materialise');
  }
}

/** Consecutive events of one moment. */
async function* byMoment(events: AsyncIterable<ShopEvent>): AsyncGenerator<readonly ShopEvent[]> {
  let moment: ShopEvent[] = [];
  for await (const event of events) {
    if (moment[0] !== undefined && moment[0].at !== event.at) {
      yield moment;
      moment = [];
    }
    moment.push(event);
  }
  if (moment.length > 0) yield moment;
}
