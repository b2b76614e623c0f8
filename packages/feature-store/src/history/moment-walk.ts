import { firstTileAt, type Window } from '../view/window.ts';
import type { HistoryGroup, HistoryWalk } from './sql-aggregate.ts';

/** The last moment over time. */
export class LastMomentWalk implements HistoryWalk {
  readonly #window: Window | undefined;
  #last = Number.NEGATIVE_INFINITY;

  constructor(window: Window | undefined) {
    this.#window = window;
  }

  begin(): void {
    this.#last = Number.NEGATIVE_INFINITY;
  }

  add({ newestAt }: HistoryGroup): void {
    this.#last = Math.max(this.#last, newestAt);
  }

  valueAt(at: number): number | null {
    const start =
      this.#window === undefined ? Number.NEGATIVE_INFINITY : firstTileAt(this.#window, at) * this.#window.hopMs;
    return this.#last >= start && this.#last !== Number.NEGATIVE_INFINITY ? this.#last : null;
  }
}

/** The first moment over time: the earliest of the tiles that are inside. */
export class FirstMomentWalk implements HistoryWalk {
  readonly #window: Window | undefined;
  readonly #tiles = new Map<number, number>();

  constructor(window: Window | undefined) {
    this.#window = window;
  }

  begin(): void {
    this.#tiles.clear();
  }

  add({ tile, numbers }: HistoryGroup): void {
    const moment = numbers[0]!;
    const known = this.#tiles.get(tile);
    if (known === undefined || moment < known) this.#tiles.set(tile, moment);
  }

  valueAt(at: number): number | null {
    const firstTile = this.#window === undefined ? Number.NEGATIVE_INFINITY : firstTileAt(this.#window, at);
    let first = Number.POSITIVE_INFINITY;
    for (const [tile, moment] of this.#tiles) {
      if (tile < firstTile) this.#tiles.delete(tile);
      else if (moment < first) first = moment;
    }
    return first === Number.POSITIVE_INFINITY ? null : first;
  }
}
