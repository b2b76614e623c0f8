import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hostsAndPorts, serviceAddress } from './addresses.ts';
import { freePorts, loopback } from './machine/ports.ts';
import { temporaryFolder } from './machine/temporary-folder.fixture.ts';

async function written(name: string, address: unknown): Promise<string> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, 'address.json'), JSON.stringify(address));
  return folder;
}

async function listening(): Promise<number> {
  const port = await freePorts(1);
  const server = createServer().listen(port, loopback);
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.close();
  });
  return port;
}

test('a service that was never started has no address', async () => {
  expect(await serviceAddress('redis', await temporaryFolder())).toBeUndefined();
});

test('a service is found where its port answers, and only there', async () => {
  const address = { host: loopback, port: await listening() };
  expect(await serviceAddress('redis', await written('redis', address))).toEqual(address);
  const dead = { host: loopback, port: await freePorts(1) };
  expect(await serviceAddress('redis', await written('redis', dead))).toBeUndefined();
});

test('a cluster is found with a node dead; a service of two ports is not with one of them dead', async () => {
  const living = await listening();
  const dead = await freePorts(1);
  const nodes = [dead, living].map((port) => ({ host: loopback, port }));
  expect(await serviceAddress('redis-cluster', await written('redis-cluster', { nodes }))).toEqual({ nodes });
  const bigquery = { endpoint: `http://${loopback}:${living}`, grpc: `${loopback}:${dead}` };
  expect(await serviceAddress('bigquery', await written('bigquery', bigquery))).toBeUndefined();
});

test('every form of address tells its hosts and ports', () => {
  const [first, second] = [
    { host: '127.0.0.1', port: 1 },
    { host: '127.0.0.1', port: 2 },
  ];
  expect(hostsAndPorts('kafka', { brokers: ['127.0.0.1:1', '127.0.0.1:2'] })).toEqual([first, second]);
  expect(hostsAndPorts('redis', first)).toEqual([first]);
  expect(hostsAndPorts('redis-cluster', { nodes: [first, second] })).toEqual([first, second]);
  expect(hostsAndPorts('gcs', { endpoint: 'http://127.0.0.1:2' })).toEqual([second]);
  expect(hostsAndPorts('bigquery', { endpoint: 'http://127.0.0.1:1', grpc: '127.0.0.1:2' })).toEqual([first, second]);
  expect(() => hostsAndPorts('kafka', { brokers: [] })).toThrow('names no host and port');
});
