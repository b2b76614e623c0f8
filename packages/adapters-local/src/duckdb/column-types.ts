import {
  ARRAY,
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBType,
  FLOAT,
  INTEGER,
  LIST,
  TIMESTAMP,
  TIMESTAMP_MS,
  VARCHAR,
} from '@duckdb/node-api';
import type { ValueType } from '@milonga/core';

/**
 * The type in which a column of a frame is handed to DuckDB: the one with the memory that the frame has already, so that
 * columns are copied and not converted. DuckDB calls an array of fixed length ARRAY.
 */
export function handedType(type: ValueType): DuckDBType {
  if (type.kind === 'list') return LIST(handedType(type.element as ValueType));
  if (type.kind === 'vector') return ARRAY(FLOAT, type.width);
  if (type.kind === 'timestamp') return TIMESTAMP_MS;
  if (type.kind === 'int32') return INTEGER;
  if (type.kind === 'float32') return FLOAT;
  if (type.kind === 'float64') return DOUBLE;
  return type.kind === 'boolean' ? BOOLEAN : VARCHAR;
}

/**
 * The type, as SQL, that a query finds. Parquet has neither milliseconds in DuckDB's eyes nor arrays of fixed length, so
 * views cast to this.
 */
export function queriedType(type: ValueType): string {
  if (type.kind === 'timestamp') return TIMESTAMP.toString();
  if (type.kind === 'list') return `${queriedType(type.element as ValueType)}[]`;
  return handedType(type).toString();
}

/** The type of a list of numbers that are all safe integers, or are not. */
export const numberType = (isInteger: boolean): DuckDBType => (isInteger ? BIGINT : DOUBLE);
