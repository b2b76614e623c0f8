import { readdirSync } from 'node:fs';
import { type ErrorCode, type LakeTable, MilongaError } from '@milonga/core';
import { duckDialect } from '../duckdb/duck-dialect.ts';
import type { Session } from '../duckdb/session.ts';
import { checkTable, columnsAfter } from './table-definition.ts';
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
      if (log.state.name !== table.name) {
        throw new MilongaError('MILONGA_DEFINITION_INVALID', `Tables "${log.state.name}" and "${table.name}" differ only in case, which SQL does not see.`);
      }
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
    throw new MilongaError(code, `The lake has no table "${name}". Call ensureTables with it first.`);
  }

  /** Makes the tables among `names` known to a session, as they are now. */
  async bind(session: Session, names: readonly string[]): Promise<void> {
    for (const name of names) {
      const log = this.#find(name);
      if (log === undefined) continue;
      const { version, columns, files, name: table } = log.refresh();
      if (session.views.get(table.toLowerCase()) === version) continue;
      await session.run(`CREATE OR REPLACE TEMP VIEW ${duckDialect.identifier(table)} AS ${tableSource(log.path, columns, files.values(), 'queried')}`);
      session.views.set(table.toLowerCase(), version);
    }
  }

  #find(name: string): TableLog | undefined {
    const key = name.toLowerCase();
    const known = this.#logs.get(key);
    if (known !== undefined) return known;
    const folder = readdirSync(this.#options.root, { withFileTypes: true }).find((entry) => entry.isDirectory() && entry.name.toLowerCase() === key);
    const log = folder && TableLog.open(folder.name, this.#options);
    if (!log?.state.exists) return undefined;
    this.#logs.set(key, log);
    return log;
  }
}
