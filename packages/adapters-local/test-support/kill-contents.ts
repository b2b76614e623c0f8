import { type Float64Type, float64, type LakeTable, type TimestampType, timestamp } from '@milonga/core';

/** What the object of this name holds: some kilobytes that tell their name. */
export const artifactOf = (name: string): Uint8Array =>
  Buffer.from(`${name} `.repeat(1 + ((name.length * name.charCodeAt(name.length - 1)) % 900)));

const HOUR_MS = 3_600_000;

const FIELDS: { readonly at: TimestampType; readonly offset: Float64Type } = { at: timestamp(), offset: float64() };

/** One row an offset; rows of one batch lie in several hours, so that a torn batch would show. */
export const LAKE_TABLE: LakeTable & { readonly fields: typeof FIELDS } = {
  name: 'landed',
  fields: FIELDS,
  partitionBy: 'at',
};

export const lakeRows = (first: number, last: number): readonly { readonly at: number; readonly offset: number }[] =>
  Array.from({ length: last - first + 1 }, (_, i) => ({
    at: Date.UTC(2020, 0, 1) + ((first + i) % 4) * HOUR_MS,
    offset: first + i,
  }));
