import type { SqlDialect } from '@milonga/core';

const FLOOR_DIVIDE = 'milonga_floor_divide';

/** What the instance needs before the dialect's expressions can be used. `//` of DuckDB rounds towards zero. */
export const DIALECT_MACROS: string = `CREATE MACRO ${FLOOR_DIVIDE}(a, b) AS
  (CAST(a AS BIGINT) // CAST(b AS BIGINT)
    - CASE WHEN CAST(a AS BIGINT) % CAST(b AS BIGINT) <> 0 AND (CAST(a AS BIGINT) < 0) <> (CAST(b AS BIGINT) < 0) THEN 1 ELSE 0 END)`;

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** DuckDB's SQL. Timestamps are TIMESTAMP in UTC; lists are VARCHAR[], DOUBLE[] and the like. */
export const duckDialect: SqlDialect = Object.freeze({
  name: 'duckdb',
  identifier,
  table: identifier,
  timestamp: (unixMs: string) => `make_timestamp_ms(CAST(${unixMs} AS BIGINT))`,
  unixMs: (timestamp: string) => `epoch_ms(${timestamp})`,
  floorDivide: (dividend: string, divisor: string) => `${FLOOR_DIVIDE}(${dividend}, ${divisor})`,
  unnest: (list: string) => `(SELECT unnest(${list}) AS value)`,
  listAggregate: (expression: string, orderBy: string) =>
    `list_filter(list(${expression} ORDER BY ${orderBy}), lambda value : value IS NOT NULL)`,
});
