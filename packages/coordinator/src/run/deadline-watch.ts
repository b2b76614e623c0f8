import type { Clock } from '@milonga/core';

/** Something that must be over by a moment. */
export interface Watched {
  /** On `Clock.monotonicMs`. */
  readonly atMs: number;
  readonly onLate: () => void;
  /** Place in the list of the watch; -1 when it is not there. */
  place: number;
}

/** A reason costs nothing when it is there already; without one, every abort makes an error with its stack. */
const NO_LONGER = 'no longer watched';

/**
 * One timer for all stages in flight. Most stages end in time, so a timer for each would be set only to be cleared; here
 * one timer runs for the earliest deadline, and looks at what is still there when it fires.
 */
export class DeadlineWatch {
  readonly #clock: Clock;
  readonly #entries: Watched[] = [];
  #armedForMs: number = Number.POSITIVE_INFINITY;
  #armed: AbortController | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(atMs: number, onLate: () => void): Watched {
    const entry: Watched = { atMs, onLate, place: this.#entries.length };
    this.#entries.push(entry);
    if (atMs < this.#armedForMs) this.#arm(atMs);
    return entry;
  }

  /** Idempotent. */
  remove(entry: Watched): void {
    const { place } = entry;
    if (place < 0) return;
    const last = this.#entries.pop()!;
    if (last !== entry) {
      this.#entries[place] = last;
      last.place = place;
    }
    entry.place = -1;
  }

  /** Lets the process end: nothing is watched any more. */
  close(): void {
    this.#armed?.abort(NO_LONGER);
    this.#armed = undefined;
    this.#armedForMs = Number.POSITIVE_INFINITY;
  }

  #arm(atMs: number): void {
    this.#armed?.abort(NO_LONGER);
    this.#armedForMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    const armed = new AbortController();
    this.#armed = armed;
    this.#clock.sleep(Math.max(0, atMs - this.#clock.monotonicMs()), armed.signal).then(
      () => this.#fire(armed),
      () => {}, // a sooner deadline took over, or the watch was closed
    );
  }

  #fire(armed: AbortController): void {
    if (this.#armed !== armed) return;
    const nowMs = this.#clock.monotonicMs();
    const late = this.#entries.filter((entry) => entry.atMs <= nowMs);
    for (const entry of late) this.remove(entry);
    let nextMs = Number.POSITIVE_INFINITY;
    for (const entry of this.#entries) nextMs = Math.min(nextMs, entry.atMs);
    this.#armed = undefined;
    this.#armedForMs = Number.POSITIVE_INFINITY;
    if (nextMs < Number.POSITIVE_INFINITY) this.#arm(nextMs);
    for (const entry of late) entry.onLate();
  }
}
