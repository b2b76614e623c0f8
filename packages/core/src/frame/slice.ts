import { sliceBits } from './bits.ts';
import { Column } from './column.ts';

/** The rows from `start` to before `end` of a column, as views of its buffers. */
export function sliceColumn(column: Column, start: number, end: number): Column {
  const { type, values, validity, offsets, dictionary } = column;
  const parts = {
    dictionary,
    validity: validity === undefined ? undefined : sliceBits(validity, start, end),
    offsets: offsets?.subarray(start, end + 1), // they do not begin at 0: elements stay where they are
  };
  if (type.kind === 'list') return new Column(type, end - start, values, parts);
  if (type.kind === 'boolean') return new Column(type, end - start, sliceBits(values as Uint8Array, start, end), parts);
  return new Column(type, end - start, values.subarray(start * type.width, end * type.width), parts);
}
