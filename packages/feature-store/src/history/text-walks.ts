import { addRecent, type RecentTexts } from '../aggregates/recent-texts.ts';
import { firstTileAt, type Window } from '../view/window.ts';
import type { HistoryGroup, HistoryWalk } from './sql-aggregate.ts';

/** The most recent texts over time. */
export class RecentTextsWalk implements HistoryWalk {
  readonly #window: Window | undefined;
  readonly #most: number;
  #texts: RecentTexts = [];

  constructor(window: Window | undefined, most: number) {
    this.#window = window;
    this.#most = most;
  }

  begin(): void {
    this.#texts = [];
  }

  add({ value, newestAt }: HistoryGroup): void {
    this.#texts = addRecent(this.#texts, value, newestAt, this.#most);
  }

  valueAt(at: number): readonly string[] {
    const start =
      this.#window === undefined ? Number.NEGATIVE_INFINITY : firstTileAt(this.#window, at) * this.#window.hopMs;
    return this.#texts.filter((entry) => entry.at >= start).map(({ text }) => text);
  }
}

/** How many different texts there are over time, counted exactly: a text is inside while its latest tile is. */
export class DistinctWalk implements HistoryWalk {
  readonly #window: Window | undefined;
  /** Latest tile by text. */
  readonly #tiles = new Map<string, number>();
  /** How many texts have their latest event in a tile. */
  readonly #counts = new Map<number, number>();

  constructor(window: Window | undefined) {
    this.#window = window;
  }

  begin(): void {
    this.#tiles.clear();
    this.#counts.clear();
  }

  add({ value, newestAt }: HistoryGroup): void {
    const tile = this.#window === undefined ? 0 : Math.floor(newestAt / this.#window.hopMs);
    const known = this.#tiles.get(value);
    if (known !== undefined) {
      if (known >= tile) return;
      this.#counts.set(known, (this.#counts.get(known) ?? 1) - 1);
    }
    this.#tiles.set(value, tile);
    this.#counts.set(tile, (this.#counts.get(tile) ?? 0) + 1);
  }

  valueAt(at: number): number {
    const firstTile = this.#window === undefined ? Number.NEGATIVE_INFINITY : firstTileAt(this.#window, at);
    let distinct = 0;
    for (const [tile, count] of this.#counts) {
      if (tile >= firstTile) distinct += count;
      else this.#counts.delete(tile); // a text whose latest tile is gone comes back with a later one
    }
    return distinct;
  }
}
