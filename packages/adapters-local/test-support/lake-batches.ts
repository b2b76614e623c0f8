import {
  type Float64Type,
  Frame,
  float64,
  type Int32Type,
  int32,
  type Lake,
  type StringType,
  string,
  type TimestampType,
  timestamp,
} from '@milonga/core';

/** Of the tables that processes of the tests write. */
export const fields: {
  readonly batch: StringType;
  readonly size: Int32Type;
  readonly partition: Int32Type;
  readonly offset: Float64Type;
  readonly eventAt: TimestampType;
} = { batch: string(), size: int32(), partition: int32(), offset: float64(), eventAt: timestamp() };

export const TABLE = 'batches';
export const START: number = Date.UTC(2020, 0, 1);
const HOUR_MS = 3_600_000;

/** Rows of one batch, spread over many hours, which carry their offsets and how many they are. */
export const batchOf = (name: string, partition: number, first: number, size: number): Frame<typeof fields> =>
  Frame.fromRows(
    fields,
    Array.from({ length: size }, (_, i) => {
      const offset = first + i;
      return { batch: name, size, partition, offset, eventAt: START + ((offset * 7_919) % 300) * HOUR_MS + i };
    }),
  );

export async function ensureBatches(lake: Lake): Promise<void> {
  await lake.ensureTables([{ name: TABLE, fields, partitionBy: 'eventAt' }]);
}

/** Whether each batch is there as a whole, no row twice, and the positions say what is there. */
export async function problemsOf(lake: Lake): Promise<readonly string[]> {
  const problems: string[] = [];
  const positions = await lake.positions(TABLE); // first: rows may only be more
  const table = lake.dialect.table(TABLE);
  const offset = lake.dialect.identifier('offset');
  const perPartition = `SELECT partition, COUNT(*) AS n, COUNT(DISTINCT ${offset}) AS offsets, MAX(${offset}) AS last FROM ${table} GROUP BY partition`;
  const found = new Map<number, number>();
  for await (const frame of lake.query(perPartition)) {
    for (const { partition, n, offsets, last } of frame.toRows() as readonly Record<string, number>[]) {
      found.set(partition!, last!);
      if (n !== offsets || n !== last! + 1)
        problems.push(`partition ${partition}: ${n} rows, ${offsets} offsets, last ${last}`);
    }
  }
  for (const [partition, last] of positions) {
    if ((found.get(partition) ?? -1) < last)
      problems.push(`partition ${partition}: position ${last}, last row ${found.get(partition)}`);
  }
  const torn = `SELECT batch, COUNT(*) AS n, MIN(size) AS size FROM ${table} GROUP BY batch HAVING COUNT(*) <> MIN(size)`;
  for await (const frame of lake.query(torn)) {
    for (const row of frame.toRows()) problems.push(`torn: ${JSON.stringify(row)}`);
  }
  return problems;
}
