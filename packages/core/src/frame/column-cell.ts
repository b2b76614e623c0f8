import { MilongaError } from '../errors/milonga-error.ts';
import type { Column, Values } from './column.ts';
import type { Dictionary } from './dictionary.ts';

/** Where a cursor is. One shape for every schema, so that readers stay monomorphic. */
export interface Position {
  index: number;
  readonly columns: readonly Column[];
  /** The row that may be read now. */
  readonly row: object;
  /** Cells that were read since the cursor was borrowed. */
  readonly bound: ColumnCell[];
}

const NO_VALUES: Values = new Float64Array(0);

/** The parts of one column as the getter of a cursor sees them: two loads to a value instead of five. */
export class ColumnCell {
  readonly slot: number;
  /** The row for which this cell holds the parts of its column; any other asks {@link bind} first. */
  row: object = NO_ROW;
  values: Values = NO_VALUES;
  validity: Uint8Array | undefined = undefined;
  dictionary: Dictionary | undefined = undefined;
  column: Column | undefined = undefined;

  constructor(slot: number) {
    this.slot = slot;
  }

  /** Lets go of the column: an idle cursor must not hold on to memory. */
  release(): void {
    this.row = NO_ROW;
    this.values = NO_VALUES;
    this.validity = undefined;
    this.dictionary = undefined;
    this.column = undefined;
  }
}

/** What the current row is while nobody has borrowed the cursor: no getter accepts it. */
export const NO_ROW: object = Object.freeze({});

/** The first read of a column since the cursor was borrowed; or a row whose loop is over. */
export function bind(row: object, position: Position, cell: ColumnCell): void {
  if (row !== position.row) {
    throw new MilongaError(
      'MILONGA_FRAME_ROW_ESCAPED',
      'A row of a frame was read after its loop. Rows are views that live for one call: keep values, or use toRows().',
    );
  }
  const column = position.columns[cell.slot]!;
  cell.values = column.values;
  cell.validity = column.validity;
  cell.dictionary = column.dictionary;
  cell.column = column;
  cell.row = row;
  position.bound.push(cell);
}
