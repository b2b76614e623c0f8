import { MilongaError } from '../errors/milonga-error.ts';
import { describeType } from '../schema/describe-type.ts';
import { hasBit } from './bits.ts';
import type { Column } from './column.ts';
import { readTimestamp } from './timestamp-words.ts';

/** See {@link Column.toFloat64}. */
export function numbersOf(column: Column): Float64Array {
  const { type, values, validity, length } = column;
  if (type.kind === 'float64' && validity === undefined) return values as Float64Array;
  const numbers = present(column);
  if (validity !== undefined) {
    for (let row = 0; row < length; row += 1) if (!hasBit(validity, row)) numbers[row] = Number.NaN;
  }
  return numbers;
}

/** A copy, with anything where a null is. */
function present({ type, values, length }: Column): Float64Array {
  switch (type.kind) {
    case 'float64':
    case 'float32':
    case 'int32':
      return Float64Array.from(values.subarray(0, length));
    case 'boolean':
      return Float64Array.from({ length }, (_, row) => (hasBit(values as Uint8Array, row) ? 1 : 0));
    case 'timestamp':
      return Float64Array.from({ length }, (_, row) => readTimestamp(values as Int32Array, row));
    default:
      throw new MilongaError('MILONGA_FRAME_SHAPE', `Numbers were asked of a column that is ${describeType(type)}.`);
  }
}
