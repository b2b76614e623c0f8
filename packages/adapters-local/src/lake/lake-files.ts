import { mkdir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MilongaError } from '@milonga/core';
import type { DuckEngine } from '../duckdb/engine.ts';
import type { Durability } from '../environment/environment.ts';
import { syncFile } from '../files/publish-file.ts';
import { literal } from './table-source.ts';

/** What every Parquet file of the lake is written with. */
const FORMAT = 'FORMAT parquet, COMPRESSION zstd';

/** Writes Parquet files into the lake and removes them. */
export class LakeFiles {
  readonly root: string;
  readonly engine: DuckEngine;
  readonly #durability: Durability;

  constructor(root: string, engine: DuckEngine, durability: Durability) {
    this.root = root;
    this.engine = engine;
    this.#durability = durability;
  }

  /** Writes the rows of a SELECT; resolved means that the file is whole and as durable as the lake is. Gives its bytes. */
  async write(select: string, path: string, expectedRows: number, signal: AbortSignal | undefined): Promise<number> {
    await mkdir(dirname(path), { recursive: true });
    try {
      const sql = `COPY (${select}) TO ${literal(path)} (${FORMAT})`;
      const rows = await this.engine.write((session) => session.run(sql, signal), signal);
      if (rows !== expectedRows) {
        throw new MilongaError('MILONGA_INTERNAL', `${path} should have ${expectedRows} rows; ${rows} were written.`);
      }
      if (this.#durability === 'power-loss') await syncFile(path, this.root);
      return (await stat(path)).size;
    } catch (error) {
      await this.remove(path);
      throw error;
    }
  }

  /** Removes a file that no reader can want; what cannot be removed now is swept later. */
  async remove(path: string): Promise<void> {
    await unlink(path).catch(() => undefined);
  }

  pathOf(table: string, file: string): string {
    return join(this.root, table, file);
  }
}
