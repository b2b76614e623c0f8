import {
  type BooleanType,
  boolean,
  type Clock,
  type EnumerationType,
  enumeration,
  type Float32Type,
  type Float64Type,
  Frame,
  float32,
  float64,
  type Int32Type,
  int32,
  type Lake,
  type ListType,
  list,
  type NullableType,
  nullable,
  type Row,
  type SqlParameter,
  type StringType,
  string,
  type TimestampType,
  timestamp,
  type VectorType,
  vector,
} from '@milonga/core';
import type { TestClock } from '../clock/test-clock.ts';
import { fresh } from './expectations.ts';
import type { ChaosOptions } from './fault-run.ts';

/** What {@link testLake} needs to know of a lake. */
export interface LakeConformance {
  /** A lake that decides by this clock. It may hold other tables; the suite uses tables of its own. */
  readonly create: (clock: Clock) => Lake | Promise<Lake>;
  /** Another client of the same lake, as a second process has it. Default: the first one again. */
  readonly another?: (clock: Clock) => Lake | Promise<Lake>;
  readonly close: (lake: Lake) => void | Promise<void>;
  /** Runs the checks through a fault layer, and a history under faults besides. Default: no faults. */
  readonly chaos?: ChaosOptions;
  /** False for lakes without files, where there is nothing to compact. Default: true. */
  readonly hasFiles?: boolean;
  /** False for engines whose lists are never null: a null list comes back as an empty one. Default: true. */
  readonly hasNullLists?: boolean;
  /** The moments that the engine can keep, Unix ms, both inclusive. Default: all that a `Date` can have. */
  readonly moments?: { readonly least: number; readonly most: number };
  /** False for stand-ins that do not isolate transactions: then clients do not race for one table. Default: true. */
  readonly isolatesClients?: boolean;
  /** False for stand-ins that go on with a query that was cancelled, until it is done. Default: true. */
  readonly endsCancelledQueries?: boolean;
  /** False for stand-ins whose errors do not tell the place in the SQL. Default: true. */
  readonly tellsPlaces?: boolean;
  /** False for stand-ins that rename columns of a result that have one name. Default: true. */
  readonly refusesSameNames?: boolean;
}

/** What the parts of the suite share. */
export interface LakeSubject {
  readonly one: () => Lake;
  readonly other: () => Lake;
  readonly clock: () => TestClock;
  readonly options: LakeConformance;
  /** A new table with the fields of {@link gifts}. */
  readonly table: () => Promise<string>;
}

export const HOUR_MS = 3_600_000;
export const START: number = Date.UTC(2020, 0, 1);

/** Every kind of value that a table can have. */
export const everything: {
  readonly id: StringType;
  readonly eventAt: TimestampType;
  readonly count: Int32Type;
  readonly amount: Float64Type;
  readonly ratio: Float32Type;
  readonly isNew: BooleanType;
  readonly device: EnumerationType<'phone' | 'tablet' | 'desktop'>;
  readonly tags: ListType<StringType>;
  readonly counts: ListType<Int32Type>;
  readonly scores: ListType<Float64Type>;
  readonly times: ListType<TimestampType>;
  readonly embedding: VectorType;
  readonly note: NullableType<StringType>;
  readonly age: NullableType<Float64Type>;
  readonly seenAt: NullableType<TimestampType>;
  readonly isLate: NullableType<BooleanType>;
  readonly words: NullableType<ListType<StringType>>;
  readonly picture: NullableType<VectorType>;
} = {
  id: string(),
  eventAt: timestamp(),
  count: int32(),
  amount: float64(),
  ratio: float32(),
  isNew: boolean(),
  device: enumeration('phone', 'tablet', 'desktop'),
  tags: list(string()),
  counts: list(int32()),
  scores: list(float64()),
  times: list(timestamp()),
  embedding: vector(3),
  note: nullable(string()),
  age: nullable(float64()),
  seenAt: nullable(timestamp()),
  isLate: nullable(boolean()),
  words: nullable(list(string())),
  picture: nullable(vector(2)),
};

/** Fields of most tests. */
export const gifts: {
  readonly id: StringType;
  readonly eventAt: TimestampType;
  readonly fan: StringType;
  readonly coins: Int32Type;
} = { id: string(), eventAt: timestamp(), fan: string(), coins: int32() };
export type Gift = Row<typeof gifts>;

export const gift = (id: string, hour: number, fan: string = 'ann', coins: number = 1): Gift => ({
  id,
  eventAt: START + Math.round(hour * HOUR_MS),
  fan,
  coins,
});

/** A frame of gifts. */
export const frameOf = (rows: readonly Gift[]): Frame<typeof gifts> => Frame.fromRows(gifts, rows);

/** The range of a partition as an append has it. */
export const range = (
  partition: number,
  first: number,
  last: number,
): { partition: number; first: number; last: number } => ({ partition, first, last });

/** `count` gifts over `hours` hours, whose ids begin with `prefix`. */
export const manyGifts = (prefix: string, count: number, hours: number, from: number = 0): Frame<typeof gifts> =>
  frameOf(
    Array.from({ length: count }, (_, i) =>
      gift(`${prefix}:${i}`, from + (i * hours) / count, `user-${i % 17}`, i % 5),
    ),
  );

/** All rows of a query, as objects. */
export async function read(
  lake: Lake,
  sql: string,
  parameters: readonly SqlParameter[] = [],
  options: { readonly frames?: Readonly<Record<string, Frame>>; readonly signal?: AbortSignal } = {},
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const rows: Readonly<Record<string, unknown>>[] = [];
  for await (const frame of lake.query(sql, parameters, options)) rows.push(...frame.toRows());
  return rows;
}

/** The ids in a table, in order. */
export async function idsIn(lake: Lake, table: string): Promise<readonly unknown[]> {
  const rows = await read(lake, `SELECT id FROM ${lake.dialect.table(table)} ORDER BY id`);
  return rows.map(({ id }) => id);
}

export const tableName = (): string => fresh('table').replaceAll('-', '_');
