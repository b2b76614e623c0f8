import { MilongaError, type OfflineStore, type RowMutation } from '@milonga/core';
import { KnownIds } from './known-ids.ts';
import {
  chunkOf,
  chunkQualifier,
  FAMILY,
  type LedgerState,
  NOTHING,
  readState,
  STATE_QUALIFIER,
  stateCell,
} from './ledger-cells.ts';

/** How a ledger is kept. */
export interface LedgerOptions {
  readonly store: OfflineStore;
  readonly table: string;
  readonly rememberedIds: number;
  readonly abandonAfterMs: number;
  /** Is told of events that were given out and never came again. */
  readonly abandoned: (from: number, to: number) => void;
}

/** What may be done with deliveries, by their position among those that were asked for. */
export interface Admission {
  /** May be handled now: their offsets follow each other. */
  readonly batch: readonly { readonly at: number; readonly offset: number }[];
  /** Handled before, or twice among these. */
  readonly repeated: readonly number[];
  /** Not before others, which are not among these. */
  readonly early: readonly number[];
}

const MARKERS = 32;
const MOST_RACES = 20;

/**
 * The positions of a group in one partition: gives each event its offset, once, and says how far the group has come. Kept in
 * a row of the offline store; every change holds only while nobody else has changed it, so members may race.
 */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #key: Uint8Array;
  #state: LedgerState = NOTHING;
  /** The cell as it was last seen; `undefined` when there is none. */
  #seen: Uint8Array | undefined;
  #ids: KnownIds;
  #isLoaded = false;
  /** True when the row was read during this call. */
  #isSeenLately = false;
  /** One change at a time. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(key: Uint8Array, options: LedgerOptions) {
    this.#key = key;
    this.#options = options;
    this.#ids = new KnownIds(options.rememberedIds);
  }

  /** The state as last seen. */
  get state(): LedgerState {
    return this.#state;
  }

  /** Gives offsets to what may be handled now. `ids` are fingerprints, in the order of delivery. */
  async admit(ids: readonly string[]): Promise<Admission> {
    return this.#racing(async () => {
      if (this.#isSeenLately || ids.every((id) => this.#ids.offsetOf(id) === undefined)) {
        const admission = await this.#admitOnce(ids);
        if (this.#isSeenLately || admission === undefined || admission.early.length === 0) return admission;
      }
      await this.#load(); // another member may have gone on: only what is written is checked against that
      return this.#admitOnce(ids);
    });
  }

  /** Everything before `offset` is handled. */
  async commit(offset: number): Promise<void> {
    await this.#racing(async () => {
      if (this.#state.committed >= offset) return true;
      return (await this.#write({ ...this.#state, committed: offset, touchedAt: Date.now() })) ? true : undefined;
    });
  }

  /** The group has come to a marker; false while earlier events are not handled. */
  async mark(id: string): Promise<boolean> {
    return this.#racing(async () => {
      const { next, committed, markers } = this.#state;
      if (markers.includes(id)) return true;
      if (committed < next && !this.#isSeenLately) {
        await this.#load();
        return undefined;
      }
      if (committed < next && !(await this.#abandonStale())) return false;
      const kept = [...this.#state.markers, id].slice(-MARKERS);
      return (await this.#write({ ...this.#state, markers: kept })) ? true : undefined;
    });
  }

  /** A member still works on what it was given. */
  async touch(): Promise<void> {
    await this.#racing(async () => this.#write({ ...this.#state, touchedAt: Date.now() }));
  }

  async #admitOnce(ids: readonly string[]): Promise<Admission | undefined> {
    const { committed } = this.#state;
    const repeated: number[] = [];
    const open: { at: number; offset: number }[] = [];
    const fresh: number[] = [];
    const met = new Set<string>();
    ids.forEach((id, at) => {
      const offset = this.#ids.offsetOf(id);
      if (met.has(id) || (offset !== undefined && offset < committed)) repeated.push(at);
      else if (offset === undefined) fresh.push(at);
      else open.push({ at, offset });
      met.add(id);
    });
    open.sort((a, b) => a.offset - b.offset);
    const batch = open.filter(({ offset }, i) => offset === committed + i);
    const skipped = open.slice(batch.length).map(({ at }) => at);
    if (batch.length < this.#state.next - committed) {
      const isStuck = batch.length === 0 && fresh.length + skipped.length > 0;
      if (isStuck && (await this.#abandonStale())) return undefined; // look again
      return { batch, repeated, early: [...skipped, ...fresh] };
    }
    if (fresh.length === 0) return { batch, repeated, early: skipped };
    const offsets = await this.#give(fresh.map((at) => ids[at]!));
    if (offsets === undefined) return undefined;
    return { batch: [...batch, ...fresh.map((at, i) => ({ at, offset: offsets + i }))], repeated, early: skipped };
  }

  /** Offsets for new ids: the first of them; `undefined` when somebody else changed the ledger. */
  async #give(ids: readonly string[]): Promise<number | undefined> {
    const first = this.#state.next;
    const { changed, gone } = this.#ids.add(first, ids);
    const state = { ...this.#state, next: first + ids.length, touchedAt: Date.now() };
    const cells = [...changed].map((chunk) => ({
      family: FAMILY.ids,
      qualifier: chunkQualifier(chunk),
      value: this.#ids.bytesOf(chunk),
      at: 0,
    }));
    const forgotten = gone.map((chunk) => ({ family: FAMILY.ids, qualifier: chunkQualifier(chunk) }));
    return (await this.#write(state, { set: cells, delete: forgotten })) ? first : undefined;
  }

  /** True when what is open has been so for too long and is given up. */
  async #abandonStale(): Promise<boolean> {
    const { next, committed, touchedAt } = this.#state;
    if (Date.now() - touchedAt < this.#options.abandonAfterMs) return false;
    if (await this.#write({ ...this.#state, committed: next })) this.#options.abandoned(committed, next);
    return true;
  }

  /** Repeats what lost a race against another member, on the state as it is then. */
  #racing<Result>(attempt: () => Promise<Result | undefined>): Promise<Result> {
    const result = this.#tail.then(() => this.#race(attempt));
    this.#tail = result.catch(() => {});
    return result;
  }

  async #race<Result>(attempt: () => Promise<Result | undefined>): Promise<Result> {
    for (let race = 0; race < MOST_RACES; race += 1) {
      this.#isSeenLately &&= race > 0;
      if (!this.#isLoaded) await this.#load();
      const result = await attempt();
      if (result !== undefined) return result;
    }
    throw new MilongaError(
      'MILONGA_EVENT_SOURCE_UNAVAILABLE',
      `A partition's positions were changed by other members ${MOST_RACES} times in a row. They are read again with the next delivery.`,
      { isRetryable: true },
    );
  }

  async #write(state: LedgerState, more: Pick<RowMutation, 'set' | 'delete'> = {}): Promise<boolean> {
    const cell = stateCell(state);
    const mutation: RowMutation = {
      key: this.#key,
      set: [cell, ...(more.set ?? [])],
      delete: more.delete ?? [],
      onlyIf: { family: FAMILY.state, qualifier: STATE_QUALIFIER, equals: this.#seen },
    };
    this.#isLoaded = false; // until it is known how this ends
    const [outcome] = await this.#options.store.mutateRows(this.#options.table, [mutation]);
    if (outcome?.status === 'failed') throw outcome.error;
    if (outcome?.status !== 'applied') return false;
    this.#isLoaded = true;
    this.#state = state;
    this.#seen = cell.value;
    return true;
  }

  async #load(): Promise<void> {
    const [row] = await this.#options.store.readRows(this.#options.table, [this.#key]);
    this.#state = NOTHING;
    this.#seen = undefined;
    this.#ids = new KnownIds(this.#options.rememberedIds);
    for (const { family, qualifier, value } of row?.cells ?? []) {
      if (family === FAMILY.ids) this.#ids.load(chunkOf(qualifier), value);
      else {
        this.#state = readState(value);
        this.#seen = new Uint8Array(value);
      }
    }
    this.#isLoaded = true;
    this.#isSeenLately = true;
  }
}
