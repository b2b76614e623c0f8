import type { SqlDialect } from '@milonga/core';

const identifier = (name: string): string => `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;

const int64 = (expression: string): string => `CAST(${expression} AS INT64)`;

/** BigQuery's `DIV` rounds towards zero. */
const floored = (dividend: string, divisor: string): string =>
  `(DIV(${dividend}, ${divisor}) - IF(MOD(${dividend}, ${divisor}) != 0 AND (${dividend} < 0) != (${divisor} < 0), 1, 0))`;

/**
 * Where an argument may be a parameter it must stand once, in a subquery. BigQuery does not group by subqueries, so
 * arguments without parameters are written out.
 */
function floorDivide(dividend: string, divisor: string): string {
  if (!dividend.includes('?') && !divisor.includes('?')) return floored(int64(dividend), int64(divisor));
  return `(SELECT ${floored('parts.a', 'parts.b')} FROM (SELECT ${int64(dividend)} AS a, ${int64(divisor)} AS b) AS parts)`;
}

/** GoogleSQL. Timestamps are TIMESTAMP; lists and vectors are ARRAYs, which are never null. */
export const bigQueryDialect: SqlDialect = Object.freeze({
  name: 'bigquery',
  identifier,
  table: identifier,
  timestamp: (unixMs: string) => `TIMESTAMP_MILLIS(${int64(unixMs)})`,
  unixMs: (timestamp: string) => `UNIX_MILLIS(${timestamp})`,
  floorDivide,
  unnest: (list: string) => `(SELECT value FROM UNNEST(${list}) AS value)`,
  listAggregate: (expression: string, orderBy: string) => `ARRAY_AGG(${expression} IGNORE NULLS ORDER BY ${orderBy})`,
});
