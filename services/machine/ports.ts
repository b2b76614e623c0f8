import { randomInt } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { waitUntil } from './waiting.ts';

/** The one address on which every service listens. */
export const loopback = '127.0.0.1';

/**
 * Below the ports that operating systems give to outgoing connections, so that a service that is killed finds its port
 * free when it comes back. A Redis Cluster also listens at its port plus 10,000, which must stay below them too.
 */
const firstPort = 10_000;
const lastPort = 19_999;

/** How long a port that a service had is waited for before the service gets another one. */
const keepPortMs = 3_000;

/** Whether a server could listen at that port now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: loopback, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * The first of `count` ports in a row that are all free, each also at the given offsets.
 *
 * @example const base = await freePorts(6, [0, 10_000]); // a cluster of six and its bus
 */
export async function freePorts(count: number, offsets: readonly number[] = [0]): Promise<number> {
  for (let attempt = 0; attempt < 1_000; attempt += 1) {
    const base = randomInt(firstPort, lastPort - count);
    const wanted = Array.from({ length: count }, (_, index) => offsets.map((offset) => base + index + offset)).flat();
    const free = await Promise.all(wanted.map(isFree));
    if (free.every(Boolean)) return base;
  }
  throw new Error(`No ${count} free ports in a row between ${firstPort} and ${lastPort}; stop what holds them.`);
}

/**
 * The ports of a service by their names: those of its last start where they are free, so that its clients find it
 * again, else others.
 */
export async function portsOf(folder: string, names: readonly string[]): Promise<Record<string, number>> {
  const path = join(folder, 'ports.json');
  const kept = await readPorts(path);
  const ports: Record<string, number> = {};
  for (const name of names) {
    const port = kept[name];
    const again = port !== undefined && (await waitUntil(() => isFree(port), { timeoutMs: keepPortMs }));
    ports[name] = again ? port : await freePorts(1);
  }
  await mkdir(folder, { recursive: true });
  await writeFile(path, JSON.stringify(ports));
  return ports;
}

async function readPorts(path: string): Promise<Record<string, number>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, number>;
  } catch {
    return {};
  }
}
