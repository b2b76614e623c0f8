import type { Frame } from '../frame/index.ts';
import type { Fields } from '../schema/index.ts';
import { type Port, port } from './port.ts';

/** A table of the lake. Append-only; one row an event. */
export interface LakeTable {
  /** A letter, then letters, digits and `_`, at most 100; the name that SQL uses, which does not see case. */
  readonly name: string;
  /** Columns. Names that differ only in case are refused, as SQL takes them for one. */
  readonly fields: Fields;
  /** The timestamp column, not nullable, by whose UTC hour rows are partitioned. */
  readonly partitionBy: string;
}

/** Offsets of one partition that a batch covers, both inclusive; integers from 0. */
export interface OffsetRange {
  readonly partition: number;
  readonly first: number;
  readonly last: number;
}

/**
 * Values of `?` parameters, in order. Timestamps are numbers in Unix ms: compare them with `dialect.timestamp('?')`. A list
 * is one value: read it with `dialect.unnest('?')`.
 */
export type SqlParameter = string | number | boolean | null | readonly string[] | readonly number[];

/**
 * What differs between the engines that the same feature SQL must run on. Each method returns an expression in which every
 * argument stands once and in its order, so that arguments may be `?`.
 */
export interface SqlDialect {
  /** Of the engine, such as `duckdb`. */
  readonly name: string;
  /** A quoted identifier. */
  identifier(name: string): string;
  /** The table to write after FROM, of the lake or of the frames of the query. */
  table(name: string): string;
  /** Unix ms (a number expression) as the engine's timestamp. */
  timestamp(unixMs: string): string;
  /** A timestamp expression as Unix ms, a 64-bit integer; parts of a millisecond are cut off. */
  unixMs(timestamp: string): string;
  /** Integer division that rounds towards minus infinity, of 64-bit integers. */
  floorDivide(dividend: string, divisor: string): string;
  /** The elements of a list parameter or column as rows: a table expression with one column `value`; give it a name with AS. */
  unnest(list: string): string;
  /** An aggregate: values of `expression` in the order of `orderBy` (which may end in DESC), as a list. Nulls are left out. */
  listAggregate(expression: string, orderBy: string): string;
}

/**
 * Every raw event and prediction, in columnar files under SQL.
 *
 * - `ensureTables` makes tables and adds columns, which are null in older rows. Idempotent. What a table has stays when a
 *   definition no longer names it. A column cannot change its kind (`MILONGA_STORAGE_INCOMPATIBLE`); a definition that no
 *   engine could keep is refused (`MILONGA_DEFINITION_INVALID`).
 * - `append` is atomic: all rows of the batch become visible together or none does, whatever hours they fall in. It is
 *   durable when it resolves. Columns go by name: one that the batch lacks is null, one that the table lacks is an error,
 *   and values must be of the table's types (`MILONGA_FRAME_SHAPE`, `MILONGA_FRAME_VALUE`). Moments are within the range of
 *   JavaScript's dates.
 * - `append` refuses a batch whose ranges overlap with what the table has, in whole or in part
 *   (`MILONGA_LAKE_APPEND_OVERLAPS`, not retryable), so that a redelivered batch can never count twice. A batch without
 *   rows moves the positions alone; a batch without ranges (an import) is not protected.
 * - `positions` gives, per partition, the greatest offset appended to the table: the lake itself is the authority on how
 *   far a lake sink has come, also after an append that failed without telling how far it came.
 * - `query` runs one statement that reads, and streams frames, none of them empty; a reader who leaves early stops it. It
 *   sees every batch appended before it was first read from. Timestamps come back as Unix ms, enumerations as strings.
 *   Column kinds are those of the engine and all nullable ({@link Frame.as} gives them declared types): integers as int32
 *   or, up to 2^53, float64; larger ones, decimals and other types must be cast by the query.
 * - `frames` of a query are tables for this statement alone; concurrent queries do not see them. A frame must not have the
 *   name of a table.
 * - `compact` merges small files of closed hours; queries and appends may run meanwhile and see each row exactly once.
 * - Errors: `MILONGA_LAKE_QUERY_FAILED` (not retryable; the message has the place in the SQL), `MILONGA_LAKE_APPEND_FAILED`
 *   (retryable, unless the batch itself is at fault), `MILONGA_STORAGE_FULL`, `MILONGA_STORAGE_CORRUPT`. A table that nobody
 *   ensured is an error of these. Cancelling rejects with `MILONGA_ABORTED`. After close every call, and every query still
 *   being read, rejects with `MILONGA_CLOSED`.
 */
export interface Lake {
  readonly dialect: SqlDialect;
  ensureTables(tables: readonly LakeTable[]): Promise<void>;
  append(
    table: string,
    rows: Frame,
    options: { readonly ranges: readonly OffsetRange[]; readonly signal?: AbortSignal },
  ): Promise<void>;
  positions(table: string): Promise<ReadonlyMap<number, number>>;
  query(
    sql: string,
    parameters?: readonly SqlParameter[],
    options?: {
      /** Frames that the statement may name as tables, for example the entities and moments to look up. */
      readonly frames?: Readonly<Record<string, Frame>>;
      readonly signal?: AbortSignal;
    },
  ): AsyncIterable<Frame>;
  compact(
    table: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<{ readonly filesBefore: number; readonly filesAfter: number }>;
}
export const Lake: Port<Lake> = port<Lake>('lake/1');
