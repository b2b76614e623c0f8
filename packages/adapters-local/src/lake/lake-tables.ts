import { readdirSync } from 'node:fs';
import type { ErrorCode, LakeTable } from '@milonga/core';
import { duckDialect } from '../duckdb/duck-dialect.ts';
import type { Session } from '../duckdb/session.ts';
import { checkSameName, checkTable, columnsAfter, unknownTable } from './table-definition.ts';
import { TableLog, type TableLogOptions } from './table-log.ts';
import { tableSource } from './table-source.ts';

/** The tables of a lake, by name. Tables that another process made are found when they are first asked for. */
export class LakeTables {
  readonly #options: TableLogOptions;
  /** By lower-case name, as SQL knows them. */
  readonly #logs = new Map<string, TableLog>();

  constructor(options: TableLogOptions) {
    this.#options = options;
  }

  /** Makes tables and adds columns. */
  async ensure(tables: readonly LakeTable[]): Promise<void> {
    for (const table of tables) checkTable(table);
    for (const table of tables) {
      const log = this.#find(table.name) ?? TableLog.open(table.name, this.#options);
      checkSameName(log.state.name, table.name);
      await log.commit((state) => {
        const columns = columnsAfter(state, table);
        return columns && { kind: 'columns', partitionBy: table.partitionBy, columns };
      });
      this.#logs.set(table.name.toLowerCase(), log);
    }
  }

  /** @throws MilongaError of the code when there is no such table. */
  get(name: string, code: ErrorCode = 'MILONGA_LAKE_QUERY_FAILED'): TableLog {
    const log = this.#find(name);
    if (log?.state.name === name) return log;
    throw unknownTable(name, code);
  }

  /** Makes the tables among `names` known to a session, as they are now; gives those that are tables. */
  async bind(session: Session, names: readonly string[]): Promise<readonly string[]> {
    const folders = new Set(readdirSync(this.#options.root).map((name) => name.toLowerCase())); // once for many names
    const tables = names.filter((name) => folders.has(name.toLowerCase()) && this.#find(name) !== undefined);
    for (const name of tables) await this.#bindTable(session, this.#find(name)!);
    return tables;
  }

  async #bindTable(session: Session, log: TableLog): Promise<void> {
    const { version, columns, files, name } = log.refresh();
    if (session.views.get(name) === version) return;
    const source = tableSource(log.path, columns, files.values(), 'queried');
    await session.run(`CREATE OR REPLACE TEMP VIEW ${duckDialect.identifier(name)} AS ${source}`);
    session.views.set(name, version);
  }

  #find(name: string): TableLog | undefined {
    const key = name.toLowerCase();
    const known = this.#logs.get(key);
    if (known !== undefined) return known;
    const folder = readdirSync(this.#options.root, { withFileTypes: true }).find(
      (entry) => entry.isDirectory() && entry.name.toLowerCase() === key,
    );
    const log = folder && TableLog.open(folder.name, this.#options);
    if (!log?.state.exists) return undefined;
    this.#logs.set(key, log);
    return log;
  }
}
