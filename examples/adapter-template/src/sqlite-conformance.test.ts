import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testArtifactStore, testOnlineStore } from '@milonga/testing/conformance';
import { afterAll } from 'vitest';
import { SqliteArtifactStore } from './artifacts/sqlite-artifact-store.ts';
import { SharedDatabase } from './client/shared-database.ts';
import { SqliteOnlineStore } from './online/sqlite-online-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'milonga-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const open = () => new SharedDatabase({ file: join(folder, 'test.db') }).take();
const artifacts = async () => new SqliteArtifactStore(await open());
const close = (store: object): void => (store as { close(): void }).close();

for (const chaos of [undefined, { seed: 1 }]) {
  const name = chaos ? 'sqlite under faults' : 'sqlite';
  testOnlineStore(name, {
    create: async (clock) => new SqliteOnlineStore(await open(), clock),
    close,
    ...(chaos && { chaos }),
  });
  testArtifactStore(name, { create: artifacts, another: artifacts, close, ...(chaos && { chaos }) });
}
