/** A cell of a table. */
export type TableCell = string | number | boolean | undefined;

/**
 * Rows under headings, in columns as wide as they need to be. Numbers stand on the right.
 *
 * @example `table(['model', 'versions'], [['ranker', 3]])`
 */
export function table(headings: readonly string[], rows: readonly (readonly TableCell[])[]): string {
  const texts = rows.map((row) => headings.map((_, at) => String(row[at] ?? '-')));
  const widths = headings.map((heading, at) => Math.max(heading.length, ...texts.map((row) => row[at]?.length ?? 0)));
  const isNumber = headings.map((_, at) => rows.length > 0 && rows.every((row) => typeof (row[at] ?? 0) === 'number'));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => (isNumber[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(headings), line(widths.map((width) => '-'.repeat(width))), ...texts.map(line)].join('\n');
}
