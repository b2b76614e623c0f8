import { expect, test } from 'vitest';
import { platformOf } from '../lockfile/platform-name.ts';
import { lockfile } from './lockfile.ts';
import { plantRepository } from './planted-repository.ts';

const problemsOf = async (packages: object): Promise<readonly string[]> =>
  (await lockfile.run(plantRepository({ 'package-lock.json': JSON.stringify({ packages }, null, 2) }))).problems;

const tool = { version: '1.0.0', optionalDependencies: { '@tool/linux-x64': '1.0.0', '@tool/darwin-arm64': '1.0.0' } };

test('finds a platform that is named but not locked', async () => {
  const problems = await problemsOf({
    'node_modules/tool': tool,
    'node_modules/@tool/linux-x64': { version: '1.0.0' },
  });
  expect(problems).toEqual([expect.stringContaining('lacks @tool/darwin-arm64@1.0.0')]);
});

test('accepts a platform that is locked beside its user or above it', async () => {
  const problems = await problemsOf({
    'node_modules/a/node_modules/tool': tool,
    'node_modules/a/node_modules/@tool/linux-x64': { version: '1.0.0' },
    'node_modules/@tool/darwin-arm64': { version: '1.0.0' },
  });
  expect(problems).toEqual([]);
});

test('finds the address of a registry', async () => {
  const resolved = `https:${'/'}/packages.example.org/tool.tgz`;
  expect(await problemsOf({ 'node_modules/tool': { version: '1.0.0', resolved } })).toHaveLength(1);
});

test.each([
  ['@biomejs/cli-linux-x64-musl', { os: 'linux', cpu: 'x64', libc: 'musl' }],
  ['@rollup/rollup-linux-arm-gnueabihf', { os: 'linux', cpu: 'arm', libc: 'glibc' }],
  ['@rollup/rollup-win32-x64-gnu', { os: 'win32', cpu: 'x64' }],
  ['@turbo/windows-64', { os: 'win32', cpu: 'x64' }],
  ['@turbo/darwin-arm64', { os: 'darwin', cpu: 'arm64' }],
  ['fsevents', undefined],
])('reads the platform of %s', (name, platform) => {
  expect(platformOf(name)).toEqual(platform);
});
