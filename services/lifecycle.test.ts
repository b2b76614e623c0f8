import { expect, onTestFinished, test } from 'vitest';
import { readAddress, serviceAddress } from './addresses.ts';
import { placeOf, serviceOf } from './catalogue.ts';
import { kill9, revive } from './faults.ts';
import { releaseServices, startServices, stopServices } from './lifecycle.ts';
import { runningProcess } from './machine/processes.ts';
import { temporaryFolder } from './machine/temporary-folder.fixture.ts';
import { askRedis } from './redis-server.ts';
import { addUser, hasUsers, removeUser } from './users.ts';

const lacks = await serviceOf('redis').lacks(placeOf('redis'));
if (lacks.length > 0 && process.env.CI === 'true') throw new Error(`This machine lacks ${lacks[0]!.what}.`);

/** A set of services of the test's own, so that it disturbs nobody's. */
async function ownServices(): Promise<{ readonly folder: string }> {
  const options = { folder: await temporaryFolder() };
  onTestFinished(async () => {
    await stopServices(['redis'], options);
  });
  return options;
}

test.skipIf(lacks.length > 0)('a Redis goes up once, however often it is asked to, and down', async () => {
  const options = await ownServices();
  const outcomes = await Promise.all([startServices(['redis'], options), startServices(['redis'], options)]);
  expect(outcomes.flat().map(({ outcome }) => outcome)).toEqual(expect.arrayContaining(['started', 'was up']));
  const address = (await serviceAddress('redis', options.folder))!;
  expect(await askRedis(address, (redis) => redis.set('key', 'value'))).toBe('OK');
  expect(await stopServices(['redis'], options)).toEqual(['redis']);
  expect(await serviceAddress('redis', options.folder)).toBeUndefined();
  expect(await stopServices(['redis'], options)).toEqual([]);
});

test.skipIf(lacks.length > 0)('a Redis that was killed comes back at its address', async () => {
  const options = await ownServices();
  await startServices(['redis'], options);
  const address = await readAddress('redis', options.folder);
  await kill9('redis', options);
  expect(await serviceAddress('redis', options.folder)).toBeUndefined();
  await expect(kill9('redis', options)).rejects.toThrow('does not run');
  expect(await revive('redis', options)).toEqual(address);
  expect(await serviceAddress('redis', options.folder)).toEqual(address);
});

test.skipIf(lacks.length > 0)('a service stays up while anyone uses it, and no longer', async () => {
  const options = await ownServices();
  await startServices(['redis'], options);
  await addUser('redis', true, options.folder);
  expect(await releaseServices(['redis'], options)).toEqual([]);
  expect(await serviceAddress('redis', options.folder)).toBeDefined();
  await stopServices(['redis'], options);
  await startServices(['redis'], options);
  expect(await releaseServices(['redis'], options)).toEqual(['redis']);
});

test.skipIf(lacks.length > 0)('a start that is interrupted leaves nothing running', async () => {
  const options = await ownServices();
  const interruption = new AbortController();
  const say = (line: string): void => {
    if (line.endsWith('starting')) interruption.abort(new Error('interrupted'));
  };
  await expect(startServices(['redis'], { ...options, say, signal: interruption.signal })).rejects.toThrow();
  expect(await runningProcess(placeOf('redis', options).folder, 'redis')).toBeUndefined();
});

test('a process that is gone uses nothing', async () => {
  const { folder } = { folder: await temporaryFolder() };
  expect(await hasUsers('redis', folder)).toBe(false);
  await addUser('redis', false, folder);
  expect(await hasUsers('redis', folder)).toBe(true);
  await removeUser('redis', folder);
  expect(await hasUsers('redis', folder)).toBe(false);
});
