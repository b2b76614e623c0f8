import { MilongaError } from '../errors/milonga-error.ts';
import { describeType } from '../schema/describe-type.ts';
import { Column } from './column.ts';
import type { Interner } from './interner.ts';

/** The same strings with the codes of an interner. Each string of the column's own dictionary is looked up once. */
export function internColumn(name: string, column: Column, interner: Interner): Column {
  const { type, length, dictionary, validity } = column;
  if (type.kind !== 'string' || dictionary === undefined) {
    throw new MilongaError(
      'MILONGA_FRAME_SHAPE',
      `Column "${name}" cannot be interned: it is ${describeType(type)}, not string.`,
    );
  }
  const table = interner.table();
  if (table.dictionary === dictionary) return column;
  const codes = column.values as Int32Array;
  const recoded = new Int32Array(length);
  const { rows: codeOf, stamps, stamp } = dictionary.scratchTable();
  for (let row = 0; row < length; row += 1) {
    if (column.isNull(row)) continue;
    const code = codes[row]!;
    if (stamps[code] !== stamp) {
      stamps[code] = stamp;
      codeOf[code] = table.codeOf(dictionary.at(code));
    }
    recoded[row] = codeOf[code]!;
  }
  return new Column(type, length, recoded, { validity, dictionary: table.dictionary });
}
