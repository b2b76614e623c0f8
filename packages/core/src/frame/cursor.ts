import { inspect } from 'node:util';
import type { ValueType } from '../schema/value-type.ts';
import type { Column } from './column.ts';
import { ColumnCell, NO_ROW, type Position } from './column-cell.ts';
import { readerOf } from './column-readers.ts';

/** A row that moves: set `index`, read `row`. Valid until it is given back; keep values, never the row itself. */
export interface Cursor<out Item = object> {
  index: number;
  readonly row: Item;
}

const NO_COLUMNS: readonly Column[] = Object.freeze([]);

/** The cursor behind every row that user code sees. {@link Layout.borrow} hands them out. */
export class RowCursor implements Position {
  index = 0;
  columns: readonly Column[] = NO_COLUMNS;
  row: object = NO_ROW;
  readonly bound: ColumnCell[] = [];
  // Getters sit on a prototype, because V8 treats accessors there as constants and inlines them into the user's code.
  readonly #prototype: object = Object.create(null) as object;

  constructor(names: readonly string[], types: readonly ValueType[]) {
    names.forEach((name, slot) => {
      const get = readerOf(types[slot]!, this, new ColumnCell(slot));
      Object.defineProperty(this.#prototype, name, { get, enumerable: true });
    });
    addPlainForms(this.#prototype, names);
  }

  get isBorrowed(): boolean {
    return this.row !== NO_ROW;
  }

  /** Begins a loop: with a new row object, so that a row that escaped an earlier loop is never the current one. */
  begin(columns: readonly Column[]): void {
    this.index = 0;
    this.columns = columns;
    this.row = Object.create(this.#prototype) as object;
  }

  /** Ends it: the row can no longer be read, and nothing of the frame is held. */
  end(): void {
    for (const cell of this.bound) cell.release();
    this.bound.length = 0;
    this.row = NO_ROW;
    this.columns = NO_COLUMNS;
  }
}

/** A row has no properties of its own; without these, printing one and turning it into JSON would show nothing. */
function addPlainForms(prototype: object, names: readonly string[]): void {
  function toPlain(this: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    return Object.fromEntries(names.map((name) => [name, this[name]]));
  }
  if (!names.includes('toJSON')) Object.defineProperty(prototype, 'toJSON', { value: toPlain });
  Object.defineProperty(prototype, inspect.custom, { value: toPlain });
}
