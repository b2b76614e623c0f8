import type { OffsetRange } from '@milonga/core';
import type { ColumnRecord } from './column-record.ts';
import type { PeriodUnit } from './period.ts';

/** One Parquet file of a table. */
export interface FileRecord {
  /** From the table's folder. */
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  /** Least and greatest value of the partition column, Unix ms. */
  readonly from: number;
  readonly to: number;
  /** How many of the table's columns it has: the first ones, since columns are only ever added. */
  readonly columns: number;
  /** Of files that the compactor made: the period that all rows lie in. */
  readonly period?: { readonly unit: PeriodUnit; readonly start: number };
}

/** One step in the life of a table, by which it becomes visible. */
export type LogEntry =
  | { readonly kind: 'columns'; readonly partitionBy: string; readonly columns: readonly ColumnRecord[] }
  | { readonly kind: 'append'; readonly files: readonly FileRecord[]; readonly ranges: readonly OffsetRange[] }
  | {
      readonly kind: 'replace';
      readonly remove: readonly string[];
      readonly files: readonly FileRecord[];
      readonly at: number;
    }
  /** Files that nobody needs any longer and that are deleted after this; `at` is real time, Unix ms. */
  | { readonly kind: 'sweep'; readonly paths: readonly string[] };

/** Everything that the entries up to a version say. */
export interface Checkpoint {
  readonly kind: 'checkpoint';
  readonly version: number;
  readonly partitionBy: string;
  readonly columns: readonly ColumnRecord[];
  readonly files: readonly FileRecord[];
  /** Files that were replaced, and when; they stay for queries that still read them. */
  readonly removed: readonly (readonly [path: string, at: number])[];
  readonly ranges: readonly OffsetRange[];
}

const KINDS = new Set(['columns', 'append', 'replace', 'sweep', 'checkpoint']);

/** The text of an entry; its last character tells that it is whole. */
export const serialise = (entry: LogEntry | Checkpoint): string => `${JSON.stringify(entry)}\n`;

/** Reads the text back; `undefined` when it is damaged. */
export function parseEntry(text: string): LogEntry | Checkpoint | undefined {
  if (!text.endsWith('}\n')) return undefined;
  try {
    const value = JSON.parse(text) as { readonly kind?: unknown };
    return KINDS.has(String(value.kind)) ? (value as LogEntry | Checkpoint) : undefined;
  } catch {
    return undefined;
  }
}
