import { lakeTableOf, type SqlDialect } from '@milonga/core';
import type { CompiledFeature, CompiledView } from '../view/compiled-view.ts';
import { comparisonSql } from '../view/condition.ts';
import type { Lookups } from './lookups.ts';

/** A statement, and how to read its rows. */
export interface ViewStatement {
  readonly sql: string;
  /** Features that it is for. */
  readonly features: readonly CompiledFeature[];
  /** Hops whose tile indexes it gives, as columns `tile0`, `tile1`, … */
  readonly hops: readonly number[];
  /** Names of the columns with the results of the expressions, for each feature. */
  readonly numbers: readonly (readonly string[])[];
  /** True when rows have a `value`. */
  readonly hasValue: boolean;
}

/** Names under which the statement knows the frames of the lookups. */
export const KEYS = 'milonga_keys';
export const LOOKUPS = 'milonga_lookups';

/**
 * The view as SQL: one statement for everything that is aggregated by tiles, one for each field whose values are told apart.
 *
 * An event is known at a moment t when `eventAt < t` and `ingestedAt <= t`: from `greatest(eventAt + 1, ingestedAt)` on, in
 * whole ms. So each event belongs to the first looked-up moment of its entity from then on, which a window over events and
 * moments together finds; events of one such moment (and tile, or value) are one group. `HistoryWalk`s do the rest.
 */
export function viewStatements(view: CompiledView, dialect: SqlDialect, lookups: Lookups): readonly ViewStatement[] {
  const byTile = view.features.filter(({ aggregate }) => aggregate.sql.per === 'tile');
  const byValue = Map.groupBy(
    view.features.filter(({ aggregate }) => aggregate.sql.per === 'value'),
    ({ aggregate }) => aggregate.field!,
  );
  return [
    tileStatement(view, dialect, lookups, byTile),
    ...[...byValue].map(([field, features]) => valueStatement(view, dialect, lookups, field, features)),
  ];
}

function tileStatement(
  view: CompiledView,
  dialect: SqlDialect,
  lookups: Lookups,
  features: readonly CompiledFeature[],
): ViewStatement {
  const hops = [
    ...new Set(
      features.flatMap(({ window, aggregate }) =>
        window !== undefined && aggregate.sql.needsTile ? window.hopMs : [],
      ),
    ),
  ];
  const fields = [...new Set(features.flatMap(({ aggregate }) => aggregate.field ?? []))];
  const numbers: string[][] = [];
  const selected = hops.map((hop, at) => `${dialect.floorDivide('ea', String(hop))} AS tile${at}`);
  features.forEach(({ aggregate }, at) => {
    const field = aggregate.field === undefined ? '' : `f${fields.indexOf(aggregate.field)}`;
    const expressions = aggregate.sql.expressions({ field, eventAt: 'ea', knownAt: 'gt' });
    numbers.push(expressions.map((_, part) => `n${at}_${part}`));
    selected.push(...expressions.map((expression, part) => `${expression} AS n${at}_${part}`));
  });
  const groups = ['gi', ...hops.map((hop) => dialect.floorDivide('ea', String(hop)))];
  const sql = `${groupedEvents(view, dialect, lookups, fields)}
SELECT gi AS i, ${selected.map((one) => `${one}, `).join('')}MAX(ea) AS newest FROM g WHERE kind = 0 AND gi IS NOT NULL GROUP BY ${groups.join(', ')} ORDER BY gi`;
  return { sql, features, hops, numbers, hasValue: false };
}

function valueStatement(
  view: CompiledView,
  dialect: SqlDialect,
  lookups: Lookups,
  field: string,
  features: readonly CompiledFeature[],
): ViewStatement {
  const sql = `${groupedEvents(view, dialect, lookups, [field])}
SELECT gi AS i, f0 AS value, MAX(ea) AS newest FROM g WHERE kind = 0 AND gi IS NOT NULL AND f0 IS NOT NULL GROUP BY gi, f0 ORDER BY gi`;
  return {
    sql,
    features,
    hops: [],
    numbers: features.map(() => []),
    hasValue: true,
  };
}

/** Common table expressions up to `g`: the events that count, each with the lookup `gi` that it belongs to and its moment `gt`. */
function groupedEvents(view: CompiledView, dialect: SqlDialect, lookups: Lookups, fields: readonly string[]): string {
  const column = (name: string): string => `ev.${dialect.identifier(name)}`;
  const eventAt = dialect.unixMs(column('eventAt'));
  const ingestedAt = dialect.unixMs(column('ingestedAt'));
  const moment = (at: number): string => dialect.timestamp(String(at)); // numbers of ours: nothing to escape
  const places = fields.map((_, at) => `f${at}`);
  const list = (names: readonly string[]): string => names.map((name) => `, ${name}`).join('');
  const conditions = [
    `${column('eventAt')} < ${moment(lookups.latest)}`,
    ...(view.isForAllTime ? [] : [`${column('eventAt')} >= ${moment(Math.max(0, view.startAt(lookups.earliest)))}`]),
    `${column('ingestedAt')} <= ${moment(lookups.latest)}`,
    `${ingestedAt} - ${eventAt} <= ${view.latenessMs}`,
    ...view.comparisons.map((comparison) => comparisonSql(comparison, dialect)),
  ];
  const keys = view.keyFields.map((field, part) => `${column(field)} = keys.p${part}`);
  return `WITH e0 AS (
  SELECT keys.k AS k, ${eventAt} AS ea, GREATEST(${eventAt} + 1, ${ingestedAt}) AS v, ${column('id')} AS id, ${column('partition')} AS part,
    ${column('offset')} AS off${list(fields.map((field, at) => `${column(field)} AS f${at}`))}
  FROM ${dialect.table(lakeTableOf(view.event).name)} AS ev JOIN ${dialect.identifier(KEYS)} AS keys ON ${keys.join(' AND ')}
  WHERE ${conditions.join(' AND ')}
), repeated AS (
  SELECT k, id, part, MIN(off) AS first FROM e0 GROUP BY k, id, part HAVING COUNT(*) > 1
), e AS (
  SELECT e0.* FROM e0 LEFT JOIN repeated AS r ON e0.id = r.id AND e0.k = r.k AND e0.part = r.part WHERE r.first IS NULL OR r.first = e0.off
), u AS (
  SELECT k, v AS t, 0 AS kind, ea${list(places)}, NULL AS i FROM e
  UNION ALL SELECT k, ${dialect.unixMs('t')}, 1, NULL${', NULL'.repeat(places.length)}, i FROM ${dialect.identifier(LOOKUPS)}
), g AS (
  SELECT kind, ea${list(places)}, MIN(i) OVER later AS gi, MIN(CASE WHEN kind = 1 THEN t END) OVER later AS gt FROM u
  WINDOW later AS (PARTITION BY k ORDER BY t, kind ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
)`;
}
