import { firstTileAt, type Window } from '../view/window.ts';
import type { HistoryGroup, HistoryWalk } from './sql-aggregate.ts';

/** A sum of whole units over time: groups come in, tiles fall out. Exact, because whole numbers are. */
export class NumberWalk implements HistoryWalk {
  readonly #window: Window | undefined;
  readonly #scale: number;
  readonly #tiles = new Map<number, number>();
  #sum = 0;
  /** Tiles before it have been taken out. */
  #firstTile = Number.NEGATIVE_INFINITY;

  constructor(window: Window | undefined, scale: number) {
    this.#window = window;
    this.#scale = scale;
  }

  begin(): void {
    this.#tiles.clear();
    this.#sum = 0;
    this.#firstTile = Number.NEGATIVE_INFINITY;
  }

  add({ tile, numbers }: HistoryGroup): void {
    const units = numbers[0]!;
    if (this.#window !== undefined) {
      if (tile < this.#firstTile) return;
      this.#tiles.set(tile, (this.#tiles.get(tile) ?? 0) + units);
    }
    this.#sum += units;
  }

  valueAt(at: number): number {
    if (this.#window !== undefined) this.#drop(firstTileAt(this.#window, at));
    return this.#scale === 1 ? this.#sum : this.#sum / this.#scale;
  }

  #drop(firstTile: number): void {
    if (firstTile <= this.#firstTile) return;
    this.#firstTile = firstTile;
    for (const [tile, units] of this.#tiles) {
      if (tile >= firstTile) continue;
      this.#sum -= units;
      this.#tiles.delete(tile);
    }
  }
}
