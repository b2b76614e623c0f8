import { rowTemplate } from '../schema/row-template.ts';
import { hasBit } from './bits.ts';
import type { Column } from './column.ts';
import { readValue } from './column-values.ts';
import type { Layout } from './layout.ts';

type PlainRow = Record<string, unknown>;

const templates = new WeakMap<Layout, Readonly<PlainRow>>();

/**
 * Plain objects of the selected rows, for the edge. Column by column, so that each buffer is looked up once. Vectors are
 * copied: an object may outlive its frame without holding all of its memory.
 */
export function rowsOfColumns(layout: Layout, columns: readonly Column[], selection: Int32Array): PlainRow[] {
  let template = templates.get(layout);
  if (template === undefined) {
    template = rowTemplate(layout.names);
    templates.set(layout, template);
  }
  const rows = new Array<PlainRow>(selection.length);
  for (let at = 0; at < selection.length; at += 1) rows[at] = { ...template };
  for (let slot = 0; slot < columns.length; slot += 1) fill(rows, layout.names[slot]!, columns[slot]!, selection);
  return rows;
}

function fill(rows: readonly PlainRow[], name: string, column: Column, selection: Int32Array): void {
  const { values, validity, dictionary } = column;
  if (values instanceof Float64Array && column.offsets === undefined) fillNumbers(rows, name, values, selection);
  else if (column.type.kind === 'string') {
    for (let at = 0; at < rows.length; at += 1) {
      const row = selection[at]!;
      if (validity === undefined || hasBit(validity, row)) rows[at]![name] = dictionary!.at(values[row]!);
    }
    return; // the template has null already
  } else fillValues(rows, name, column, selection);
  if (validity === undefined) return;
  for (let at = 0; at < rows.length; at += 1) if (!hasBit(validity, selection[at]!)) rows[at]![name] = null;
}

function fillNumbers(rows: readonly PlainRow[], name: string, values: Float64Array, selection: Int32Array): void {
  for (let at = 0; at < rows.length; at += 1) rows[at]![name] = values[selection[at]!];
}

function fillValues(rows: readonly PlainRow[], name: string, column: Column, selection: Int32Array): void {
  const isVector = column.type.kind === 'vector';
  for (let at = 0; at < rows.length; at += 1) {
    const row = selection[at]!;
    if (column.isNull(row)) continue;
    const value = readValue(column, row);
    rows[at]![name] = isVector ? (value as Float32Array).slice() : value;
  }
}
