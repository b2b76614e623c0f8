import duckdb from '@duckdb/node-bindings';

/** What readers of values get: the bytes of `count` values, and which of them are present. */
export interface RawValues {
  readonly bytes: Uint8Array;
  readonly count: number;
  /** Arrow's bitmap; absent when all are present. */
  readonly validity: Uint8Array | undefined;
  /** Of the column, for messages. */
  readonly name: string;
}

/** True when a row of a bitmap is null. */
export const isNull = (validity: Uint8Array | undefined, row: number): boolean =>
  validity !== undefined && ((validity[row >>> 3]! >>> (row & 7)) & 1) === 0;

/** DuckDB's bitmap of a vector, which is Arrow's; `undefined` when every value is present. */
export function readValidity(vector: duckdb.Vector, count: number): Uint8Array | undefined {
  const bytes: Uint8Array | null = duckdb.vector_get_validity(vector, ((count + 63) >>> 6) << 3);
  if (bytes === null || bytes.length === 0) return undefined;
  const bitmap = bytes.subarray(0, (count + 7) >>> 3);
  if ((count & 7) !== 0) bitmap[bitmap.length - 1]! &= (1 << (count & 7)) - 1;
  return bitmap;
}
