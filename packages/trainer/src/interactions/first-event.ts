import { type EventDefinition, type Lake, lakeTableOf } from '@milonga/core';
import { firstEventStatement } from './interaction-sql.ts';

/** Event time of the oldest event of a type in the lake, Unix ms; `undefined` when there is none. */
export async function firstEventAt(
  lake: Lake,
  event: EventDefinition,
  signal: AbortSignal,
): Promise<number | undefined> {
  const table = lakeTableOf(event);
  await lake.ensureTables([table]);
  const { sql, parameters } = firstEventStatement(table.name, lake.dialect);
  for await (const frame of lake.query(sql, parameters, { signal })) {
    const first = frame.length === 0 ? null : frame.column('firstAt').at(0);
    if (first !== null) return Number(first);
  }
  return undefined;
}
