import type { ArtifactStore } from '../ports/artifact-store.ts';
import { jsonBytes, type ObjectCheck, readJsonObject } from './json-object.ts';

/** Entries read at once. */
const READ_AT_ONCE = 16;

/** What a {@link NumberedLog} needs. */
export interface NumberedLogOptions<T> {
  readonly artifacts: ArtifactStore;
  /** Ends in a slash. */
  readonly prefix: string;
  /** For errors: what an entry is. */
  readonly what: string;
  readonly isEntry: ObjectCheck<T>;
}

/**
 * A log over an artifact store: entries are objects numbered from 1 without gaps, and never change. To append is to
 * create the next number, which one racer only can.
 *
 * The newest entry is found by probing from the newest that was seen: one request when nothing happened since, a number
 * of requests that grows with the logarithm when much did. Nothing is listed.
 */
export class NumberedLog<T> {
  readonly #options: NumberedLogOptions<T>;
  #newest: { readonly number: number; readonly entry: T } | undefined;
  #appending: Promise<unknown> = Promise.resolve();

  constructor(options: NumberedLogOptions<T>) {
    this.#options = options;
  }

  /** The entry with the greatest number. */
  async newest(): Promise<{ readonly number: number; readonly entry: T } | undefined> {
    let low = this.#newest?.number ?? 0;
    let high: number | undefined; // the smallest number known to be absent
    for (let step = 1; high === undefined || high - low > 1; step *= 2) {
      const number = high === undefined ? low + step : (low + high) >>> 1;
      const entry = await this.#read(number);
      if (entry === undefined) high = number;
      else {
        low = number;
        if (number > (this.#newest?.number ?? 0)) this.#newest = { number, entry };
      }
    }
    return this.#newest;
  }

  /** Creates an entry under a number; false when it exists. The number before must exist. */
  async create(number: number, entry: T): Promise<boolean> {
    const isCreated = await this.#options.artifacts.putIfAbsent(this.#name(number), jsonBytes(entry));
    if (isCreated && number > (this.#newest?.number ?? 0)) this.#newest = { number, entry };
    return isCreated;
  }

  /** Creates an entry under the next free number. Appends of one process queue up, so that they do not race each other. */
  append(entry: T): Promise<void> {
    const mine = this.#appending.then(async () => {
      for (let number = ((await this.newest())?.number ?? 0) + 1; !(await this.create(number, entry)); number += 1);
    });
    this.#appending = mine.catch(() => {});
    return mine;
  }

  /** Every entry, oldest first. */
  async all(): Promise<readonly T[]> {
    const last = (await this.newest())?.number ?? 0;
    const entries: T[] = [];
    for (let number = 1; number <= last; number += READ_AT_ONCE) {
      const numbers = Array.from({ length: Math.min(READ_AT_ONCE, last - number + 1) }, (_, at) => number + at);
      for (const entry of await Promise.all(numbers.map((one) => this.#read(one)))) {
        if (entry !== undefined) entries.push(entry);
      }
    }
    return entries;
  }

  #read(number: number): Promise<T | undefined> {
    const { artifacts, what, isEntry } = this.#options;
    return readJsonObject(artifacts, this.#name(number), what, isEntry);
  }

  /** Fixed width, so that the order of names is the order of numbers. */
  #name(number: number): string {
    return `${this.#options.prefix}${String(number).padStart(8, '0')}.json`;
  }
}
