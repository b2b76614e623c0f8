import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@milonga/core';
import { DuckLake } from '../lake/duck-lake.ts';

/** A lake in a directory of its own, which goes with it. For tests: SQL needs an engine, and the engine files. */
export class TemporaryLake {
  readonly lake: DuckLake;
  readonly #dir: string;

  private constructor(lake: DuckLake, dir: string) {
    this.lake = lake;
    this.#dir = dir;
  }

  static async open(clock: Clock): Promise<TemporaryLake> {
    const dir = mkdtempSync(join(tmpdir(), 'milonga-memory-'));
    return new TemporaryLake(await DuckLake.open({ dir, clock, memoryLimitMiB: 256 }), dir);
  }

  async close(): Promise<void> {
    await this.lake.close();
    await rm(this.#dir, { recursive: true, force: true });
  }
}
