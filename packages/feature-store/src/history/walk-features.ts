import type { Column, Frame } from '@milonga/core';
import type { CompiledFeature } from '../view/compiled-view.ts';
import type { Lookups } from './lookups.ts';
import type { HistoryGroup, HistoryWalk } from './sql-aggregate.ts';
import type { ViewStatement } from './view-sql.ts';

/** A walk, where it finds its numbers, and where its values go. */
interface Walked {
  readonly walk: HistoryWalk;
  readonly group: { -readonly [Name in keyof HistoryGroup]: HistoryGroup[Name] };
  readonly tileColumn: string | undefined;
  readonly numberColumns: readonly string[];
  readonly values: unknown[] | Float64Array;
}

const NO_NUMBERS = new Float64Array(0);

/** Walks through the groups that a statement found, entity by entity, and takes the values at every lookup. */
export class FeatureWalk {
  readonly #lookups: Lookups;
  readonly #walked: readonly Walked[];
  readonly #hasValue: boolean;
  readonly #features: readonly CompiledFeature[];
  #next = 0;
  #entity = -1;
  readonly #onNewest: ((lookup: number, newestAt: number) => void) | undefined;
  #newestAt = Number.NEGATIVE_INFINITY;

  /** @param onNewest Is told the newest event of each lookup's entity. */
  constructor(statement: ViewStatement, lookups: Lookups, onNewest?: (lookup: number, newestAt: number) => void) {
    this.#lookups = lookups;
    this.#features = statement.features;
    this.#hasValue = statement.hasValue;
    this.#onNewest = onNewest;
    this.#walked = statement.features.map(({ aggregate, window }, at) => ({
      walk: aggregate.sql.walk(window),
      group: { tile: 0, numbers: new Float64Array(statement.numbers[at]!.length), newestAt: 0, value: '' },
      tileColumn:
        window !== undefined && aggregate.sql.needsTile ? `tile${statement.hops.indexOf(window.hopMs)}` : undefined,
      numberColumns: statement.numbers[at]!,
      values: aggregate.type.kind === 'float64' ? new Float64Array(lookups.length) : new Array<unknown>(lookups.length),
    }));
  }

  /** Takes a frame of groups; frames come in order of `i`. */
  take(frame: Frame): void {
    const places = numbersOf(frame, 'i');
    const newest = numbersOf(frame, 'newest');
    const value = this.#hasValue ? (frame.column('value') as Column) : undefined;
    const tiles = this.#walked.map(({ tileColumn }) =>
      tileColumn === undefined ? undefined : numbersOf(frame, tileColumn),
    );
    const numbers = this.#walked.map(({ numberColumns }) => numberColumns.map((name) => numbersOf(frame, name)));
    for (let row = 0; row < frame.length; row += 1) {
      const place = places[row]!;
      this.#emitUntil(place);
      this.#enter(this.#lookups.entities[place]!);
      this.#newestAt = Math.max(this.#newestAt, newest[row]!);
      const text = value === undefined ? '' : value.dictionary!.at(value.values[row]!);
      for (let at = 0; at < this.#walked.length; at += 1) {
        const { walk, group } = this.#walked[at]!;
        group.tile = tiles[at]?.[row] ?? 0;
        group.newestAt = newest[row]!;
        group.value = text;
        for (let part = 0; part < numbers[at]!.length; part += 1) group.numbers[part] = numbers[at]![part]![row]!;
        walk.add(group, this.#lookups.moments[place]!);
      }
    }
  }

  /** The values of all lookups, by feature. */
  finish(): ReadonlyMap<string, unknown[] | Float64Array> {
    this.#emitUntil(this.#lookups.length);
    return new Map(this.#features.map(({ name }, at) => [name, this.#walked[at]!.values]));
  }

  #emitUntil(end: number): void {
    for (; this.#next < end; this.#next += 1) {
      const lookup = this.#next;
      this.#enter(this.#lookups.entities[lookup]!);
      const at = this.#lookups.moments[lookup]!;
      for (const { walk, values } of this.#walked) values[lookup] = walk.valueAt(at);
      this.#onNewest?.(lookup, this.#newestAt);
    }
  }

  #enter(entity: number): void {
    if (entity === this.#entity) return;
    this.#entity = entity;
    this.#newestAt = Number.NEGATIVE_INFINITY;
    for (const { walk } of this.#walked) walk.begin();
  }
}

/** A column of numbers, whatever the engine's type for them. */
function numbersOf(frame: Frame, name: string): Float64Array | Int32Array {
  const { values, type, length } = frame.column(name);
  if (type.kind === 'float64' || type.kind === 'int32') return values as Float64Array | Int32Array;
  return length === 0 ? NO_NUMBERS : Float64Array.from(frame.column(name).toArray() as number[]);
}
