import { MilongaError } from '../errors/milonga-error.ts';
import { describeType } from '../schema/describe-type.ts';
import type { Column } from './column.ts';

/**
 * For each row, the first row with the same string: where `result[row] === row`, the row is the first of its kind. Nulls
 * are equal to each other.
 *
 * With a distinct dictionary (an {@link Interner}'s, or of one frame) no string is looked at; else strings are compared.
 *
 * @throws MilongaError `MILONGA_FRAME_SHAPE` when the column is neither strings nor an enumeration.
 * @example
 * ```ts
 * firstRows(Frame.fromRows({ id: string() }, [{ id: 'a' }, { id: 'b' }, { id: 'a' }]).column('id')); // [0, 1, 0]
 * ```
 */
export function firstRows(column: Column): Int32Array {
  const { dictionary, type } = column;
  if ((type.kind !== 'string' && type.kind !== 'enumeration') || dictionary === undefined) {
    throw new MilongaError(
      'MILONGA_FRAME_SHAPE',
      `Rows can be told apart by a string column; this one is ${describeType(type)}.`,
    );
  }
  const first = new Int32Array(column.length);
  if (dictionary.isDistinct && column.validity === undefined) firstByCode(column, first);
  else firstByString(column, first);
  return first;
}

function firstByCode(column: Column, first: Int32Array): void {
  const codes = column.values as Int32Array;
  const { rows, stamps, stamp } = column.dictionary!.scratchTable();
  for (let row = 0; row < first.length; row += 1) {
    const code = codes[row]!;
    if (stamps[code] !== stamp) {
      stamps[code] = stamp;
      rows[code] = row;
    }
    first[row] = rows[code]!;
  }
}

function firstByString(column: Column, first: Int32Array): void {
  const codes = column.values as Int32Array;
  const known = new Map<string | null, number>();
  for (let row = 0; row < first.length; row += 1) {
    const text = column.isNull(row) ? null : column.dictionary!.at(codes[row]!);
    const earlier = known.get(text);
    if (earlier === undefined) known.set(text, row);
    first[row] = earlier ?? row;
  }
}
