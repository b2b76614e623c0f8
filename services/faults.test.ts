import { Cluster } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { type HostAndPort, readAddress } from './addresses.ts';
import { placeOf, serviceOf } from './catalogue.ts';
import { kill9, revive } from './faults.ts';
import { startServices, stopServices } from './lifecycle.ts';
import { temporaryFolder } from './machine/temporary-folder.fixture.ts';
import { waitUntil } from './machine/waiting.ts';
import { nodeStates } from './redis-cluster-state.ts';
import { askRedis } from './redis-server.ts';

const lacks = await serviceOf('redis-cluster').lacks(placeOf('redis-cluster'));
if (lacks.length > 0 && process.env.CI === 'true') throw new Error(`This machine lacks ${lacks[0]!.what}.`);

async function cluster(): Promise<{ readonly folder: string }> {
  const options = { folder: await temporaryFolder() };
  onTestFinished(async () => {
    await stopServices(['redis-cluster'], options);
  });
  const [started] = await startServices(['redis-cluster'], options);
  expect(started?.outcome).toBe('started');
  return options;
}

/** The keys of all nodes together: a master answers before its replica has the key. */
async function keysHeld(nodes: readonly HostAndPort[]): Promise<number> {
  const sizes = await Promise.all(nodes.map((node) => askRedis(node, (redis) => redis.dbsize())));
  return sizes.reduce((sum, size) => sum + size, 0);
}

test.skipIf(lacks.length > 0)(
  'a killed master comes back as a replica, and no key is lost',
  { timeout: 90_000 },
  async () => {
    const options = await cluster();
    const { nodes } = (await readAddress('redis-cluster', options.folder))!;
    const client = new Cluster([...nodes]);
    onTestFinished(() => client.disconnect());
    const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`);
    for (const key of keys) await client.set(key, key);
    expect(await waitUntil(async () => (await keysHeld(nodes)) === 2 * keys.length, { timeoutMs: 5_000 })).toBe(true);
    const killed = (await kill9('redis-cluster', options))!;
    expect(nodes).toContainEqual(killed);
    expect(await revive('redis-cluster', options)).toEqual({ nodes });
    const [state] = await nodeStates([killed]);
    expect(state?.role).toBe('replica');
    for (const key of keys) expect(await client.get(key)).toBe(key);
  },
);

test('what does not run cannot be killed, nor revived', async () => {
  const options = { folder: await temporaryFolder() };
  await expect(kill9('kafka', options)).rejects.toThrow('npm run services -- up kafka');
  await expect(kill9('redis-cluster', options)).rejects.toThrow('npm run services -- up redis-cluster');
  await expect(revive('kafka', options)).rejects.toThrow('was not up');
});
