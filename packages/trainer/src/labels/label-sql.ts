import { type Fields, lakeTableOf, type SqlDialect, type SqlParameter } from '@milonga/core';
import { quotedFields, type Statement } from '../interactions/interaction-sql.ts';
import type { LabelOptions } from '../logistic-ranker/logistic-ranker-options.ts';

/** The name under which the chosen groups are handed to the lake. */
export const SAMPLED_GROUPS = 'sampled_groups';

function conditionsOf<F extends Fields>(
  { from, where, group, user, item }: LabelOptions<F>,
  dialect: SqlDialect,
): readonly string[] {
  const present = [group, user, item].map((name) => `${dialect.identifier(name)} IS NOT NULL`);
  return where === undefined ? present : [...present, `(${where(quotedFields(from.fields, dialect))})`];
}

/** The label groups of a span of time: group, user and the event time of the first event of each. */
export function groupStatement<F extends Fields>(
  options: LabelOptions<F>,
  { from, until }: { readonly from: number; readonly until: number },
  dialect: SqlDialect,
): Statement {
  const quote = (name: string): string => dialect.identifier(name);
  const at = quote('eventAt');
  const table = dialect.table(lakeTableOf(options.from).name);
  const conditions = conditionsOf(options, dialect);
  const groups = `SELECT ${quote(options.group)} AS ${quote('grp')}, min(${quote(options.user)}) AS ${quote('who')}, min(${at}) AS ${quote('startAt')}
  FROM ${table}
  WHERE ${[`${at} >= ${dialect.timestamp('?')}`, `${at} < ${dialect.timestamp('?')}`, ...conditions].join(' AND ')}
  GROUP BY ${quote(options.group)}`;
  const columns = `found.${quote('grp')}, found.${quote('who')}, ${dialect.unixMs(`found.${quote('startAt')}`)} AS ${quote('startAt')}`;
  const parameters: SqlParameter[] = [from, until];
  if (options.onlyReturning !== true) return { sql: `SELECT ${columns}\nFROM (${groups}) AS found`, parameters };
  const first = `SELECT ${quote(options.user)} AS ${quote('who')}, min(${at}) AS ${quote('firstAt')}
  FROM ${table}
  WHERE ${[`${at} < ${dialect.timestamp('?')}`, ...conditions].join(' AND ')}
  GROUP BY ${quote(options.user)}`;
  return {
    sql: `SELECT ${columns}
FROM (${groups}) AS found
JOIN (${first}) AS known ON known.${quote('who')} = found.${quote('who')} AND known.${quote('firstAt')} < found.${quote('startAt')}`,
    parameters: [...parameters, until],
  };
}

/** The distinct items of the groups in the frame {@link SAMPLED_GROUPS}. */
export function itemStatement<F extends Fields>(
  options: LabelOptions<F>,
  { from, until }: { readonly from: number; readonly until: number },
  dialect: SqlDialect,
): Statement {
  const quote = (name: string): string => dialect.identifier(name);
  const at = quote('eventAt');
  const conditions = [
    `${quote(options.group)} IN (SELECT ${quote('grp')} FROM ${quote(SAMPLED_GROUPS)})`,
    `${at} >= ${dialect.timestamp('?')}`,
    `${at} < ${dialect.timestamp('?')}`,
    ...conditionsOf(options, dialect),
  ];
  return {
    sql: `SELECT ${quote(options.group)} AS ${quote('grp')}, ${quote(options.item)} AS ${quote('item')}
FROM ${dialect.table(lakeTableOf(options.from).name)}
WHERE ${conditions.join(' AND ')}
GROUP BY ${quote(options.group)}, ${quote(options.item)}`,
    parameters: [from, until],
  };
}
