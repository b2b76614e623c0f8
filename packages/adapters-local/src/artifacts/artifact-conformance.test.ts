import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testArtifactStore } from '@milonga/testing/conformance';
import { afterAll } from 'vitest';
import type { Durability } from '../environment/environment.ts';
import { MemoryArtifactStore } from '../memory/memory-artifact-store.ts';
import { FileArtifactStore } from './file-artifact-store.ts';

const root = mkdtempSync(join(tmpdir(), 'milonga-artifacts-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

for (const durability of ['process-crash', 'power-loss'] satisfies readonly Durability[]) {
  const open = (): Promise<FileArtifactStore> => FileArtifactStore.open({ dir: join(root, durability), durability });
  testArtifactStore(`files (${durability})`, {
    create: open,
    another: open,
    close: (store) => (store as FileArtifactStore).close(),
  });
}

testArtifactStore('memory', {
  create: () => new MemoryArtifactStore(),
  close: (store) => (store as MemoryArtifactStore).close(),
});
