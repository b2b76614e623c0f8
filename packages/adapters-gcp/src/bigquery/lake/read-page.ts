import { type Fields, type Frame, FrameBuilder } from '@milonga/core';
import { inexact } from './result-types.ts';
import type { TableField } from './table-schema.ts';

/** A value as BigQuery's interface has it: text, or a list of such. */
export type Cell = { readonly v: string | null | readonly Cell[] };

/** A page of a result. */
export interface Page {
  readonly jobComplete?: boolean;
  readonly schema?: { readonly fields?: readonly TableField[] };
  readonly rows?: readonly { readonly f: readonly Cell[] }[];
  readonly pageToken?: string;
  readonly totalRows?: string;
}

type Parse = (text: string, name: string) => unknown;

const NUMBERS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  nan: Number.NaN,
  Infinity: Infinity,
  '-Infinity': -Infinity,
  inf: Infinity,
  '-inf': -Infinity,
};

const integer: Parse = (text, name) => {
  const value = Number(text);
  if (Math.abs(value) <= 2 ** 53 && text !== '9007199254740993' && text !== '-9007199254740993') return value;
  throw inexact(name, text);
};
const float: Parse = (text) => NUMBERS[text] ?? Number(text);
/** Microseconds, beyond 2^53 before 1685 and after 2255. */
const moment: Parse = (text) => {
  const microseconds = Number(text);
  if (Number.isSafeInteger(microseconds)) return Math.floor(microseconds / 1_000);
  const value = BigInt(text);
  return Number((value - (((value % 1_000n) + 1_000n) % 1_000n)) / 1_000n);
};
const day: Parse = (text) =>
  Date.parse(`${text.slice(0, 23).replace(' ', 'T')}Z`.replace(/^(\d{4}-\d\d-\d\d)Z$/, '$1'));

const PARSE: Readonly<Record<string, Parse>> = {
  STRING: (text) => text,
  INTEGER: integer,
  INT64: integer,
  FLOAT: float,
  FLOAT64: float,
  BOOLEAN: (text) => text === 'true',
  BOOL: (text) => text === 'true',
  TIMESTAMP: moment,
  DATE: day,
  DATETIME: day,
};

/** The rows of a page as a frame. */
export function frameOfPage(fields: Fields, columns: readonly TableField[], rows: NonNullable<Page['rows']>): Frame {
  const builder = new FrameBuilder(fields, { capacity: rows.length });
  columns.forEach(({ name, type, mode }, slot) => {
    const parse = PARSE[type]!;
    const column = builder.column(name);
    for (const { f } of rows) {
      const { v } = f[slot]!;
      if (v === null) column.push(mode === 'REPEATED' ? [] : null);
      else if (typeof v === 'string') column.push(parse(v, name));
      else column.push(v.map((cell) => parse(cell.v as string, name)));
    }
  });
  return builder.finish();
}
