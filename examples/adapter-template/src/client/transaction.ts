import type { SqliteDatabase } from '../sqlite-options.ts';

/** Does the work as a whole or not at all. `node:sqlite` is synchronous, so nothing of this process comes in between. */
export function transaction<T>(database: SqliteDatabase, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
