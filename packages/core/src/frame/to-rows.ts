import type { Column } from './column.ts';
import { readValue } from './column-values.ts';

/**
 * Plain objects of some columns and rows, for the edge. Column by column, so that each buffer is looked up once.
 * Vectors are copied: an object may outlive its frame without holding all of its memory.
 */
export function rowsOfColumns(names: readonly string[], columns: readonly Column[], selection: Int32Array): Record<string, unknown>[] {
  const rows = Array.from({ length: selection.length }, (): Record<string, unknown> => ({}));
  for (let slot = 0; slot < names.length; slot += 1) fill(rows, names[slot]!, columns[slot]!, selection);
  return rows;
}

function fill(rows: readonly Record<string, unknown>[], name: string, column: Column, selection: Int32Array): void {
  const isVector = column.type.kind === 'vector';
  for (let at = 0; at < selection.length; at += 1) {
    const row = selection[at]!;
    const value = column.isNull(row) ? null : readValue(column, row);
    rows[at]![name] = isVector && value !== null ? (value as Float32Array).slice() : value;
  }
}
