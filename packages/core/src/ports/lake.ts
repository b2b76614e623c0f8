import type { Frame } from '../frame/index.ts';
import type { Fields } from '../schema/index.ts';
import { type Port, port } from './port.ts';

/** A table of the lake. Append-only; one row an event. */
export interface LakeTable {
  /** Letters, digits and `_`; the name that SQL uses. */
  readonly name: string;
  readonly fields: Fields;
  /** The timestamp column whose UTC hour is the partition of a row. */
  readonly partitionBy: string;
}

/** Offsets of one partition that a batch covers, both inclusive. */
export interface OffsetRange {
  readonly partition: number;
  readonly first: number;
  readonly last: number;
}

/** Values of `?` parameters, in order. Timestamps are numbers in Unix ms: compare them with `dialect.timestamp('?')`. */
export type SqlParameter = string | number | boolean | null | readonly string[] | readonly number[];

/** What differs between the engines that the same feature SQL must run on. Each method returns an expression. */
export interface SqlDialect {
  readonly name: string;
  /** A quoted identifier. */
  identifier(name: string): string;
  /** The table to write after FROM. */
  table(name: string): string;
  /** Unix ms (a number expression) as the engine's timestamp. */
  timestamp(unixMs: string): string;
  /** A timestamp expression as Unix ms, a 64-bit integer. */
  unixMs(timestamp: string): string;
  /** Integer division that rounds towards minus infinity, of 64-bit integers. */
  floorDivide(dividend: string, divisor: string): string;
  /** The elements of a list parameter or column as rows: a table expression with one column `value`. */
  unnest(list: string): string;
  /** Values of `expression` in the order of `orderBy`, as a list. */
  listAggregate(expression: string, orderBy: string): string;
}

/**
 * Every raw event and prediction, in columnar files under SQL.
 *
 * - `append` is atomic: all rows of the batch become visible together or none does, whatever hours they fall in. Rows
 *   whose offsets are covered already (see `positions`) must not be appended again; the adapter refuses a batch whose
 *   ranges overlap with what it has, so that a redelivered batch can never count twice.
 * - `positions` gives, per partition, the last offset appended to the table: the lake itself is the authority on how far
 *   a lake sink has come.
 * - `query` streams frames; timestamps come back as Unix ms. It sees every batch appended before the call. Column kinds
 *   are those of the engine: integers as int32 or float64, decimals must be cast by the query.
 * - `compact` merges small files of closed hours; queries and appends may run meanwhile and see each row exactly once.
 * - Errors: `MILONGA_LAKE_QUERY_FAILED` (not retryable), `MILONGA_LAKE_APPEND_FAILED` (retryable), `MILONGA_STORAGE_FULL`.
 *   Cancelling rejects with `MILONGA_ABORTED`. After close every call rejects with `MILONGA_CLOSED`.
 */
export interface Lake {
  readonly dialect: SqlDialect;
  /** Creates what is missing; new columns of an existing table are null in older rows. Idempotent. */
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
