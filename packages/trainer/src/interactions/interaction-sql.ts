import type { Fields, SqlDialect, SqlParameter } from '@milonga/core';
import { lakeTableOf } from '@milonga/core';
import type { InteractionOptions, SqlFields } from './interaction-options.ts';

/** A statement and the values of its parameters. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly SqlParameter[];
}

/** The fields of an event as quoted identifiers. */
export const quotedFields = <F extends Fields>(fields: F, dialect: SqlDialect): SqlFields<F> =>
  Object.fromEntries(Object.keys(fields).map((name) => [name, dialect.identifier(name)])) as unknown as SqlFields<F>;

/** The part of the data that a run wants, Unix ms. */
export interface DataSpan {
  readonly until: number;
  readonly holdoutFrom: number;
}

/**
 * The statement that reads interactions: one row per user, basket and item, apart for what is before the holdout and in it.
 * Events that were stored twice, which brokers may do, count once by their id.
 */
export function interactionStatement<F extends Fields>(
  options: InteractionOptions<F>,
  isCounted: boolean,
  { until, holdoutFrom }: DataSpan,
  dialect: SqlDialect,
): Statement {
  const quote = (name: string): string => dialect.identifier(name);
  const at = quote('eventAt');
  const basket = options.basket ?? options.user;
  const names = { who: options.user, basket, item: options.item };
  const parameters: SqlParameter[] = [until];
  const conditions = [
    `${at} < ${dialect.timestamp('?')}`,
    ...Object.values(names).map((name) => `${quote(name)} IS NOT NULL`),
  ];
  if (options.window !== undefined) {
    conditions.push(`${at} >= ${dialect.timestamp('?')}`);
    parameters.push(until - options.window.ms);
  }
  if (options.where !== undefined) conditions.push(`(${options.where(quotedFields(options.from.fields, dialect))})`);
  const where = conditions.join('\n    AND ');
  const table = dialect.table(lakeTableOf(options.from).name);
  const pick = (wrap: (expression: string) => string): string =>
    Object.entries(names)
      .map(([alias, name]) => `${wrap(quote(name))} AS ${quote(alias)}`)
      .join(', ');
  // Counting needs each event once; the latest event is the latest, however often it was stored.
  const rows = isCounted
    ? `SELECT ${pick((field) => `min(${field})`)}, min(${at}) AS ${quote('at')}\n  FROM ${table}\n  WHERE ${where}\n  GROUP BY ${quote('id')}`
    : `SELECT ${pick((field) => field)}, ${at} AS ${quote('at')}\n  FROM ${table}\n  WHERE ${where}`;
  const sql = `SELECT ${quote('who')}, ${quote('basket')}, ${quote('item')}, ${quote('held')},
  ${dialect.unixMs(`max(${quote('at')})`)} AS ${quote('latestAt')}, ${weightOf(options, isCounted, until, dialect)} AS ${quote('weight')}
FROM (SELECT ${quote('who')}, ${quote('basket')}, ${quote('item')}, ${quote('at')},
  CASE WHEN ${quote('at')} >= ${dialect.timestamp('?')} THEN 1 ELSE 0 END AS ${quote('held')}
FROM (
  ${rows}
) AS events) AS parts
GROUP BY ${quote('who')}, ${quote('basket')}, ${quote('item')}, ${quote('held')}`;
  return { sql, parameters: [holdoutFrom, ...parameters] };
}

/** The weight as of `until`. Where the latest event alone counts, it follows from `latestAt` and needs no SQL. */
function weightOf<F extends Fields>(
  { halfLife }: InteractionOptions<F>,
  isCounted: boolean,
  until: number,
  dialect: SqlDialect,
): string {
  if (!isCounted) return '1';
  if (halfLife === undefined) return 'count(*)';
  return `sum(exp(${-Math.LN2 / halfLife.ms} * (${until} - ${dialect.unixMs(dialect.identifier('at'))})))`;
}

/** The event time of the oldest event of a table. */
export function firstEventStatement(table: string, dialect: SqlDialect): Statement {
  const at = `min(${dialect.identifier('eventAt')})`;
  return {
    sql: `SELECT ${dialect.unixMs(at)} AS ${dialect.identifier('firstAt')} FROM ${dialect.table(table)}`,
    parameters: [],
  };
}
