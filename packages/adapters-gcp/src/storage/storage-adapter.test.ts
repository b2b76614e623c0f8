import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ArtifactStore } from '@milonga/core';
import { createApp } from '@milonga/core/app';
import { expect, test } from 'vitest';
import { requireService } from '../../../../services/test-services.ts';
import { storage } from './storage-adapter.ts';

process.env.METADATA_SERVER_DETECTION ??= 'none'; // the SDK would look for the metadata server of a cloud machine
const address = await requireService('gcs');

test.skipIf(address === undefined)('provides an ArtifactStore, and closes it with the app', async () => {
  const clientOptions = { projectId: 'test', apiEndpoint: address!.endpoint };
  const app = createApp([storage({ bucket: `adapter-${process.pid}-${Date.now()}`, clientOptions })]);
  const { artifacts } = await app.resolve({ artifacts: ArtifactStore });
  expect(await artifacts.putIfAbsent('a', new Uint8Array([1, 2]))).toBe(true);
  expect(await artifacts.get('a')).toEqual(new Uint8Array([1, 2]));
  await app.close();
  await expect(artifacts.get('a')).rejects.toMatchObject({ code: 'MILONGA_CLOSED' });
});

test('is loaded without the SDK, and says what to install when it is needed', async () => {
  const script = `
    import { registerHooks } from 'node:module';
    registerHooks({
      resolve(specifier, context, next) {
        if (specifier.startsWith('@google-cloud/')) throw new Error('not installed: ' + specifier);
        return next(specifier, context);
      },
    });
    const { storage } = await import(${JSON.stringify(join(import.meta.dirname, 'index.ts'))});
    const { createApp } = await import('@milonga/core/app');
    const { ArtifactStore } = await import('@milonga/core');
    const app = createApp([storage({ bucket: 'b' })]);
    console.log('loaded');
    await app.resolve({ artifacts: ArtifactStore }).catch((error) => console.log(error.code, error.message));
  `;
  const args = ['--conditions=@milonga/source', '--input-type=module', '-e', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname });
  expect(stdout).toMatch(/^loaded\nMILONGA_WIRING_CREATE_FAILED /);
  expect(stdout).toContain('npm install @google-cloud/storage@8');
});
