import { type Column, type ErrorCode, type Frame, MilongaError, Turns, type ValueType } from '@milonga/core';

/** BigQuery's timestamps go from the year 1 to the year 9999. */
const LEAST_AT = -62_135_596_800_000;
const MOST_AT = 253_402_300_799_999;

type Write = (value: unknown) => string;

const quoted: Write = (value) => JSON.stringify(value);
const number: Write = (value) => {
  if (Object.is(value, -0)) return '-0.0';
  return Number.isFinite(value) ? String(value) : `"${value}"`; // "NaN" and "Infinity" are strings in JSON
};

class OutOfRange extends Error {}

const moment: Write = (value) => {
  const at = value as number;
  if (!(at >= LEAST_AT && at <= MOST_AT)) throw new OutOfRange(String(at));
  return `"${new Date(at).toISOString()}"`;
};

const elements =
  (write: Write): Write =>
  (value) =>
    `[${Array.from(value as Iterable<unknown>, write).join(',')}]`;

function writerOf(type: ValueType): Write {
  switch (type.kind) {
    case 'string':
    case 'enumeration':
      return quoted;
    case 'timestamp':
      return moment;
    case 'list':
      return elements(writerOf(type.element as ValueType));
    case 'vector':
      return elements(number);
    case 'boolean':
      return String;
    default:
      return number;
  }
}

interface Writer {
  readonly name: string;
  readonly column: Column;
  readonly key: string;
  readonly write: Write;
}

/**
 * The rows as lines of JSON. Null is what is not there; an empty list and a null one are the same to BigQuery.
 *
 * @throws MilongaError with `code` for a moment that BigQuery cannot keep.
 */
export async function rowsAsJson(what: string, rows: Frame, code: ErrorCode, signal: AbortSignal): Promise<Buffer> {
  const writers = rows.layout.names.map((name, slot): Writer => {
    const column = rows.columns[slot]!;
    return { name, column, key: `${JSON.stringify(name)}:`, write: writerOf(column.type) };
  });
  const turns = new Turns(what, signal);
  const parts: Buffer[] = [];
  let lines = '';
  for (let row = 0; row < rows.length; row += 1) {
    lines += `${lineOf(writers, row, what, code)}\n`;
    if (lines.length > 65_536) {
      parts.push(Buffer.from(lines));
      lines = '';
    }
    await turns.giveWay();
  }
  parts.push(Buffer.from(lines));
  return Buffer.concat(parts);
}

function lineOf(writers: readonly Writer[], row: number, what: string, code: ErrorCode): string {
  let line = '';
  for (const { name, column, key, write } of writers) {
    if (column.isNull(row)) continue;
    try {
      line += `${line === '' ? '' : ','}${key}${write(column.at(row))}`;
    } catch (error) {
      if (!(error instanceof OutOfRange)) throw error;
      throw new MilongaError(
        code,
        `${what}: column "${name}" has the moment ${error.message} at row ${row}, and BigQuery's timestamps go from the year 1 to the year 9999 (${LEAST_AT} to ${MOST_AT} ms).`,
      );
    }
  }
  return `{${line}}`;
}
