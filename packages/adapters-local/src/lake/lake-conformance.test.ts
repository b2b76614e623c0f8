import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@milonga/core';
import { testLake } from '@milonga/testing/conformance';
import { afterAll } from 'vitest';
import type { Durability } from '../environment/environment.ts';
import { MemoryLake } from '../memory/memory-lake.ts';
import { DuckLake } from './duck-lake.ts';

const root = mkdtempSync(join(tmpdir(), 'milonga-lake-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

for (const durability of ['process-crash', 'power-loss'] satisfies readonly Durability[]) {
  const open = (clock: Clock): Promise<DuckLake> => DuckLake.open({ dir: join(root, durability), clock, durability });
  testLake(`local (${durability})`, { create: open, another: open, close: (lake) => (lake as DuckLake).close() });
}

testLake('memory', {
  create: () => MemoryLake.open(),
  close: (lake) => (lake as MemoryLake).close(),
  hasFiles: false,
});
