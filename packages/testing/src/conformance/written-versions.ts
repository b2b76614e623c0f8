import { expect } from 'vitest';

/**
 * What one writer has written under one key, version by version, while calls fail: what a reader may find follows from it.
 * A write whose fate is unknown may show at any time, or never; an acknowledged one may only give way to a later one.
 */
export class WrittenVersions {
  readonly #unknown = new Set<number>();
  #acknowledged = 0;
  #latest = 0;

  /** The next version, about to be written. */
  next(): number {
    this.#latest += 1;
    return this.#latest;
  }

  settle(version: number, isAcknowledged: boolean): void {
    if (isAcknowledged) this.#acknowledged = Math.max(this.#acknowledged, version);
    else this.#unknown.add(version);
  }

  /** Newest version known to be written: take it before a read, for {@link check}. 0 when there is none. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Checks what a read gave that began when `since` was the newest acknowledged version; 0 means absent. */
  check(what: string, found: number, since: number): void {
    if (found === 0) {
      expect(since, `${what} is absent, but version ${since} was acknowledged before`).toBe(0);
      return;
    }
    expect(found <= this.#latest && found > 0, `${what} has version ${found}, which nobody wrote`).toBe(true);
    if (this.#unknown.has(found)) return;
    expect(found, `${what} has version ${found}: the acknowledged version ${since} is lost`).toBeGreaterThanOrEqual(
      since,
    );
  }
}
