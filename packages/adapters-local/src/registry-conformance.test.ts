import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactModelRegistry, systemClock } from '@milonga/core';
import { testModelRegistry } from '@milonga/testing/conformance';
import { afterAll } from 'vitest';
import { FileArtifactStore } from './artifacts/file-artifact-store.ts';
import { MemoryArtifactStore } from './memory/memory-artifact-store.ts';

const dir = mkdtempSync(join(tmpdir(), 'milonga-registry-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const openFiles = async () =>
  new ArtifactModelRegistry({ artifacts: await FileArtifactStore.open({ dir }), clock: systemClock(), pollMs: 50 });
testModelRegistry('a registry over files', { create: openFiles, another: openFiles });

const artifacts = new MemoryArtifactStore();
const openMemory = () => new ArtifactModelRegistry({ artifacts, clock: systemClock(), pollMs: 50 });
testModelRegistry('a registry over memory', { create: openMemory, another: openMemory });
