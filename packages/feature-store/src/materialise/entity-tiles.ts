import type { Cell, WideRow } from '@milonga/core';
import { ByteReader } from '../bytes/byte-reader.ts';
import type { TileState } from '../online/online-form.ts';
import { readAbsorbed } from '../tiles/absorbed-cell.ts';
import { mergeStates, readStates, type States } from '../tiles/feature-states.ts';
import { FAMILY, indexOfCell, seriesOfCell } from '../tiles/row-layout.ts';
import type { CompiledFeature, CompiledView } from '../view/compiled-view.ts';

/** Events of one moment that are not in the tiles. */
export interface Head {
  readonly at: number;
  readonly states: States;
}

const reader = new ByteReader();

/** All partitions of a row, merged: what the values of the entity are made of. */
export class EntityTiles {
  /** Event time of the newest event; 0 for none. */
  newestAt = 0;
  /** In order of time. */
  readonly heads: Head[] = [];
  readonly #view: CompiledView;
  /** By series: states by tile index; of the series over all time under index 0. */
  readonly #tiles: Map<number, States>[];

  constructor(view: CompiledView) {
    this.#view = view;
    this.#tiles = view.series.map(() => new Map());
  }

  static of(view: CompiledView, row: WideRow | undefined): EntityTiles {
    const tiles = new EntityTiles(view);
    for (const cell of row?.cells ?? []) tiles.#add(cell);
    tiles.heads.sort((left, right) => left.at - right.at);
    return tiles;
  }

  #add(cell: Cell): void {
    if (cell.family === FAMILY.absorbed) {
      const { head, knownAt, newestAt } = readAbsorbed(this.#view.features, cell.value, false);
      this.newestAt = Math.max(this.newestAt, newestAt);
      if (head !== undefined) this.heads.push({ at: knownAt, states: head });
      return;
    }
    const isTotal = cell.family === FAMILY.totals;
    const series = isTotal ? this.#view.series.length - 1 : seriesOfCell(cell);
    const { features } = this.#view.series[series]!;
    this.#take(series, isTotal ? 0 : indexOfCell(cell), features, readStates(features, reader.reset(cell.value)));
  }

  #take(series: number, index: number, features: readonly CompiledFeature[], states: States): void {
    const known = this.#tiles[series]!.get(index);
    if (known === undefined) this.#tiles[series]!.set(index, states);
    else mergeStates(features, known, states);
  }

  /** Lets the events of a head count. */
  fold({ at, states }: Head): void {
    const { series, features } = this.#view;
    for (let place = 0; place < series.length; place += 1) {
      const { hopMs, features: members } = series[place]!;
      // Merged into identities first, so that tiles and heads never share a state.
      const own = members.map((feature) =>
        feature.aggregate.merge(feature.aggregate.identity(), states[features.indexOf(feature)]),
      );
      this.#take(place, hopMs === undefined ? 0 : Math.floor(at / hopMs), members, own);
    }
    this.newestAt = Math.max(this.newestAt, at);
  }

  /** The tiles of one feature that are still in its window at `at`, newest first. */
  windowOf(feature: CompiledFeature, firstTile: number): readonly TileState<unknown>[] {
    const series = this.#view.series.findIndex(({ hopMs }) => hopMs === feature.window!.hopMs);
    const place = this.#view.series[series]!.features.indexOf(feature);
    const tiles: TileState<unknown>[] = [];
    for (const [index, states] of this.#tiles[series]!)
      if (index >= firstTile) tiles.push({ index, state: states[place] });
    return tiles.sort((left, right) => right.index - left.index);
  }

  /** The state of a feature over all time; `undefined` without events. */
  totalOf(feature: CompiledFeature): unknown {
    const series = this.#view.series.length - 1;
    return this.#tiles[series]!.get(0)?.[this.#view.series[series]!.features.indexOf(feature)];
  }
}
