import { MilongaError } from '../errors/milonga-error.ts';

/**
 * Rows of a frame, by index, in the order in which they are wanted: what filters narrow and selectors order, while the
 * columns stay where they are.
 */
export type Selection = Int32Array;

/** Every row from 0 to `length - 1`. */
export function allRows(length: number): Selection {
  const selection = new Int32Array(length);
  for (let row = 0; row < length; row += 1) selection[row] = row;
  return selection;
}

/** @throws MilongaError `MILONGA_FRAME_SHAPE` when a row is not one of the first `length`. */
export function checkSelection(selection: Selection, length: number): void {
  for (let at = 0; at < selection.length; at += 1) {
    if (selection[at]! >>> 0 >= length) {
      throw new MilongaError(
        'MILONGA_FRAME_SHAPE',
        `Row ${selection[at]} was selected from a frame of ${length} rows.`,
      );
    }
  }
}
