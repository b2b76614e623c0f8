import type { Cell, RowMutation, WideRow } from '@milonga/core';
import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import type { DecodedEvent } from '../streams/decode-event.ts';
import type { CompiledView, TileSeries } from '../view/compiled-view.ts';
import { type Absorbed, hashId, nothingAbsorbed, readAbsorbed, writeAbsorbed } from './absorbed-cell.ts';
import { absorbEvent, identities, readStates, type States, writeStates } from './feature-states.ts';
import { FAMILY, indexOfCell, partitionOfCell, partitionQualifier, seriesOfCell, tileQualifier } from './row-layout.ts';

/** What became of the events of a batch. */
export interface AbsorbCounts {
  absorbed: number;
  /** At or below the position that the row has absorbed already. */
  replayed: number;
  /** With an id that the row remembers. */
  duplicate: number;
}

interface TouchedTile {
  readonly series: number;
  readonly index: number;
  readonly states: States;
}

const reader = new ByteReader();
const writer = new ByteWriter();

/** Takes events of one partition into rows of one view. A row at a time; the result is one mutation. */
export class RowAbsorber {
  readonly counts: AbsorbCounts = { absorbed: 0, replayed: 0, duplicate: 0 };
  readonly #view: CompiledView;
  readonly #partition: number;
  readonly #qualifier: Uint8Array;
  readonly #touched: TouchedTile[] = [];
  /** By series and index: the rows of a batch touch the same few tiles. */
  readonly #qualifiers: Map<number, Uint8Array>[];
  #row: WideRow | undefined;

  constructor(view: CompiledView, partition: number) {
    this.#view = view;
    this.#partition = partition;
    this.#qualifier = partitionQualifier(partition);
    this.#qualifiers = view.series.map(() => new Map());
  }

  /** The mutation that takes the events in; `undefined` when the row has them all. Events are in order of the log. */
  absorb(key: Uint8Array, row: WideRow | undefined, events: readonly DecodedEvent[]): RowMutation | undefined {
    this.#row = row;
    this.#touched.length = 0;
    const before = this.#find(FAMILY.absorbed)?.value;
    const absorbed = before === undefined ? nothingAbsorbed() : readAbsorbed(this.#view.features, before, true);
    const absorbedBefore = this.counts.absorbed;
    for (const event of events) this.#take(absorbed, event);
    if (this.counts.absorbed === absorbedBefore) return undefined;
    const set = this.#touched.map((tile) => this.#cell(tile));
    set.push({
      family: FAMILY.absorbed,
      qualifier: this.#qualifier,
      value: writeAbsorbed(this.#view.features, absorbed),
      at: absorbed.knownAt,
    });
    return { key, set, onlyIf: { family: FAMILY.absorbed, qualifier: this.#qualifier, equals: before } };
  }

  #take(absorbed: Absorbed, event: DecodedEvent): void {
    const { offset, ingestedAt, eventAt, payload } = event;
    if (offset !== undefined && offset <= absorbed.offset) {
      this.counts.replayed += 1;
      return;
    }
    if (offset !== undefined) absorbed.offset = offset;
    if (this.#isRepeated(absorbed, event)) {
      this.counts.duplicate += 1;
      return;
    }
    this.counts.absorbed += 1;
    if (ingestedAt > absorbed.knownAt) {
      this.#foldHead(absorbed);
      absorbed.knownAt = ingestedAt;
    }
    if (eventAt >= absorbed.knownAt) {
      absorbed.head ??= identities(this.#view.features);
      absorbEvent(this.#view.features, absorbed.head, payload, eventAt);
      return;
    }
    absorbed.newestAt = Math.max(absorbed.newestAt, eventAt);
    const { series } = this.#view;
    for (let at = 0; at < series.length; at += 1)
      absorbEvent(series[at]!.features, this.#tile(at, eventAt), payload, eventAt);
  }

  #isRepeated(absorbed: Absorbed, { id, ingestedAt }: DecodedEvent): boolean {
    const { rememberedIds, latenessMs } = this.#view;
    if (rememberedIds === 0) return false;
    const { ids } = absorbed;
    if (ids.length > 0 && ingestedAt - absorbed.knownAt > latenessMs) ids.length = 0;
    const hash = hashId(id);
    if (ids.includes(hash)) return true;
    ids.push(hash);
    if (ids.length > rememberedIds) ids.shift();
    return false;
  }

  #foldHead(absorbed: Absorbed): void {
    const { head, knownAt } = absorbed;
    if (head === undefined) return;
    const { series, features } = this.#view;
    for (let at = 0; at < series.length; at += 1) {
      const members = series[at]!.features;
      const states = this.#tile(at, knownAt);
      for (let member = 0; member < members.length; member += 1) {
        states[member] = members[member]!.aggregate.merge(states[member], head[features.indexOf(members[member]!)]);
      }
    }
    absorbed.newestAt = Math.max(absorbed.newestAt, knownAt);
    absorbed.head = undefined;
  }

  #tile(series: number, eventAt: number): States {
    const definition = this.#view.series[series]!;
    const index = definition.hopMs === undefined ? 0 : Math.floor(eventAt / definition.hopMs);
    for (const tile of this.#touched) if (tile.index === index && tile.series === series) return tile.states;
    const states = this.#stored(definition, series, index) ?? identities(definition.features);
    this.#touched.push({ series, index, states });
    return states;
  }

  #stored({ hopMs, features }: TileSeries, series: number, index: number): States | undefined {
    const cell = hopMs === undefined ? this.#find(FAMILY.totals) : this.#findTile(series, index);
    return cell === undefined ? undefined : readStates(features, reader.reset(cell.value));
  }

  #find(family: string): Cell | undefined {
    const cells = this.#row?.cells ?? [];
    for (const cell of cells) if (cell.family === family && partitionOfCell(cell) === this.#partition) return cell;
    return undefined;
  }

  #findTile(series: number, index: number): Cell | undefined {
    const cells = this.#row?.cells ?? [];
    for (let at = cells.length - 1; at >= 0; at -= 1) {
      const cell = cells[at]!;
      if (cell.family !== FAMILY.tiles || partitionOfCell(cell) !== this.#partition) continue;
      if (seriesOfCell(cell) === series && indexOfCell(cell) === index) return cell;
    }
    return undefined;
  }

  #cell({ series, index, states }: TouchedTile): Cell {
    const { hopMs, features } = this.#view.series[series]!;
    writer.reset();
    writeStates(features, states, writer);
    const value = writer.finish();
    if (hopMs === undefined) return { family: FAMILY.totals, qualifier: this.#qualifier, value, at: 0 };
    return { family: FAMILY.tiles, qualifier: this.#tileQualifier(series, index), value, at: index * hopMs };
  }

  #tileQualifier(series: number, index: number): Uint8Array {
    const known = this.#qualifiers[series]!.get(index);
    if (known !== undefined) return known;
    const qualifier = tileQualifier(this.#partition, series, index);
    this.#qualifiers[series]!.set(index, qualifier);
    return qualifier;
  }
}
