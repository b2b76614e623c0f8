import type { protos } from '@google-cloud/bigtable';
import type { RowMutation } from '@milonga/core';

type RowFilter = protos.google.bigtable.v2.IRowFilter;

/** The newest version of each cell, of these families or of all. */
export function cellsOf(families: readonly string[] | undefined): RowFilter {
  const newest: RowFilter = { cellsPerColumnLimitFilter: 1 };
  if (families === undefined) return newest;
  const names = families.map((family) => family.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return { chain: { filters: [{ familyNameRegexFilter: names.join('|') }, newest] } };
}

/** Lets a cell through when the condition's cell is there and alive and, where the condition says so, has the value. */
export function conditionFilter(
  condition: NonNullable<RowMutation['onlyIf']>,
  ttlMs: number | undefined,
  now: number,
): RowFilter {
  const { family, qualifier, equals } = condition;
  const filters: RowFilter[] = [
    {
      columnRangeFilter: {
        familyName: family,
        startQualifierClosed: qualifier,
        endQualifierOpen: after(qualifier),
      },
    },
    { cellsPerColumnLimitFilter: 1 },
  ];
  const firstAlive = ttlMs === undefined ? 0 : Math.floor(now - ttlMs) + 1;
  if (firstAlive > 0) filters.push({ timestampRangeFilter: { startTimestampMicros: firstAlive * 1_000 } });
  if (equals !== undefined) {
    filters.push({ valueRangeFilter: { startValueClosed: equals, endValueOpen: after(equals) } });
  }
  return { chain: { filters } };
}

/** The first bytes behind these, in byte order. Nothing lies between the two, so a range up to it holds one value. */
export function after(bytes: Uint8Array): Uint8Array {
  const next = new Uint8Array(bytes.length + 1);
  next.set(bytes);
  return next;
}
