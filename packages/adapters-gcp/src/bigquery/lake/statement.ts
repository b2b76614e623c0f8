import { MilongaError } from '@milonga/core';

const refused = (message: string): MilongaError => new MilongaError('MILONGA_LAKE_QUERY_FAILED', message);

/** Comments, strings of every kind and quoted names: what may hold a character without its meaning. */
const QUOTED =
  /--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/|[rR]?[bB]?[rR]?"""(?:\\[\s\S]|[^\\])*?"""|[rR]?[bB]?[rR]?'''(?:\\[\s\S]|[^\\])*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\\n])*`/g;

/** The text with what is quoted blanked out, position by position. */
const blanked = (sql: string): string =>
  sql.replace(QUOTED, (found) => (/^(--|#|\/\*)/.test(found) ? ' ' : 'x').repeat(found.length));

/** A statement that reads. */
export interface ReadStatement {
  /** Without a semicolon at its end. */
  readonly sql: string;
  /** Where common table expressions of ours may be put: at the beginning, or behind the WITH that is there. */
  readonly withAt: number;
  readonly hasWith: boolean;
  /** Question marks. */
  readonly parameters: number;
}

/** @throws MilongaError `MILONGA_LAKE_QUERY_FAILED` for anything but one statement that reads. */
export function readStatement(sql: string): ReadStatement {
  const bare = blanked(sql);
  const end = bare.search(/;\s*$/);
  const text = end === -1 ? bare : bare.slice(0, end);
  const first = /[^\s(]\w*/.exec(text);
  if (first === null) throw refused('The query is empty.');
  if (text.includes(';')) throw refused('The query has several statements; it may have one.');
  if (!/^(SELECT|WITH|FROM)$/i.test(first[0])) {
    throw refused(`The query begins with "${first[0]}"; it may only read: SELECT, WITH or FROM. It stands at [1:1].`);
  }
  const withHere = /^\s*WITH(?:\s+RECURSIVE\b)?/i.exec(text);
  return {
    sql: end === -1 ? sql : sql.slice(0, end),
    withAt: withHere?.[0].length ?? 0,
    hasWith: withHere !== null,
    parameters: text.split('?').length - 1,
  };
}

/** The statement with names for tables of ours, in its first line, so that places in it stay in their lines. */
export function withTables({ sql, withAt, hasWith }: ReadStatement, expressions: readonly string[]): string {
  if (expressions.length === 0) return sql;
  const list = expressions.join(', ');
  return hasWith ? `${sql.slice(0, withAt)} ${list}, ${sql.slice(withAt)}` : `WITH ${list} ${sql}`;
}
