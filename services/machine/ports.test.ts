import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePorts, isFree, loopback, portsOf } from './ports.ts';
import { temporaryFolder } from './temporary-folder.fixture.ts';

async function listen(port: number): Promise<void> {
  const server = await new Promise<Server>((resolve, reject) => {
    const created = createServer();
    created.once('error', reject);
    created.listen(port, loopback, () => resolve(created));
  });
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
}

test('a port that something listens on is not free', async () => {
  const port = await freePorts(1);
  expect(await isFree(port)).toBe(true);
  await listen(port);
  expect(await isFree(port)).toBe(false);
});

test('ports in a row are free, at their offsets too, and below those of outgoing connections', async () => {
  const base = await freePorts(6, [0, 10_000]);
  expect(base).toBeGreaterThanOrEqual(10_000);
  expect(base + 5 + 10_000).toBeLessThan(32_768);
  for (let port = base; port < base + 6; port += 1) {
    expect(await isFree(port)).toBe(true);
    expect(await isFree(port + 10_000)).toBe(true);
  }
});

test('a service gets the ports again that it had', async () => {
  const folder = join(await temporaryFolder(), 'kafka');
  const first = await portsOf(folder, ['broker', 'controller']);
  expect(first.broker).not.toBe(first.controller);
  expect(await portsOf(folder, ['broker', 'controller'])).toEqual(first);
});

test('a port that is taken is replaced, the others are kept', { timeout: 30_000 }, async () => {
  const folder = await temporaryFolder();
  const first = await portsOf(folder, ['broker', 'controller']);
  await listen(first.broker!);
  const second = await portsOf(folder, ['broker', 'controller']);
  expect(second.broker).not.toBe(first.broker);
  expect(second.controller).toBe(first.controller);
});

test('a file of ports that was cut short is written anew', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'ports.json'), '{"broker":1');
  const ports = await portsOf(folder, ['broker']);
  expect(await isFree(ports.broker!)).toBe(true);
});
