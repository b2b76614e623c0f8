import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SERVER = process.env.REDIS_SERVER ?? 'redis-server';
const CLI = process.env.REDIS_CLI ?? 'redis-cli';
const HOST = '127.0.0.1';
/** The bus of a cluster listens 10,000 above; both stay below the ports that connections take. */
const BUS = 10_000;

/** Whether this machine has Redis at all. Without it tests skip, which is a failure in CI. */
export function hasRedis(): boolean {
  try {
    execFileSync(SERVER, ['--version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (process.env.CI === 'true')
      throw new Error(`${SERVER} is needed by the tests and could not be run.`, { cause: error });
    console.warn(
      `skipped: ${SERVER} is not there, so the tests that kill servers did not run. Debian: apt-get install redis-server`,
    );
    return false;
  }
}

/** Servers of a test's own, to be killed. */
export class Servers {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly #folder: string;
  readonly #settings: readonly string[];
  readonly #running = new Map<number, ChildProcess>();

  private constructor(folder: string, ports: readonly number[], settings: readonly string[]) {
    this.#folder = folder;
    this.#settings = settings;
    this.nodes = ports.map((port) => ({ host: HOST, port }));
  }

  /** One server, without a cluster. */
  static async single(): Promise<Servers> {
    const servers = new Servers(newFolder(), await freePorts(1), []);
    await servers.start(servers.nodes[0]!.port);
    return servers;
  }

  /** A cluster, with as many replicas as masters or none; ready, and its replicas in sync. */
  static async cluster(masters: number, { replicas = false }: { readonly replicas?: boolean } = {}): Promise<Servers> {
    const ports = await freePorts(replicas ? masters * 2 : masters);
    const servers = new Servers(newFolder(), ports, [
      ...['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000', '--cluster-replica-validity-factor', '0'],
      ...[
        '--cluster-require-full-coverage',
        'no',
        '--repl-diskless-sync-delay',
        '0',
        '--repl-ping-replica-period',
        '1',
      ],
    ]);
    for (const port of ports) await servers.start(port);
    const addresses = ports.map((port) => `${HOST}:${port}`);
    execFileSync(
      CLI,
      ['--cluster', 'create', ...addresses, '--cluster-replicas', replicas ? '1' : '0', '--cluster-yes'],
      { stdio: 'pipe' },
    );
    await servers.settled(replicas ? masters : 0);
    return servers;
  }

  /** Starts a server, or a killed one again: with its place in the cluster, without its data. */
  async start(port: number): Promise<void> {
    const folder = join(this.#folder, String(port));
    mkdirSync(folder, { recursive: true });
    const settings = ['--port', String(port), '--bind', HOST, '--dir', folder, '--save', '', '--appendonly', 'no'];
    const server = spawn(SERVER, [...settings, ...this.#settings], { stdio: 'ignore' });
    this.#running.set(port, server);
    await until(`the server on ${port} answers`, () => this.cli(port, 'ping').includes('PONG'));
  }

  async kill(port: number): Promise<void> {
    const server = this.#running.get(port)!;
    this.#running.delete(port);
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  }

  /** Stops a server without closing its connections: it says nothing any more. */
  pause(port: number): void {
    this.#running.get(port)!.kill('SIGSTOP');
  }

  resume(port: number): void {
    this.#running.get(port)!.kill('SIGCONT');
  }

  /** What redis-cli prints. */
  cli(port: number, ...words: readonly (string | number)[]): string {
    return execFileSync(CLI, ['-p', String(port), ...words.map(String)], { encoding: 'utf8', stdio: 'pipe' });
  }

  /** Every running server finds all slots served, and this many replicas are in sync. */
  settled(replicas: number): Promise<void> {
    return until(`the cluster is whole, with ${replicas} replicas`, () => {
      const ports = [...this.#running.keys()];
      const isWhole = ports.every((port) => {
        const info = this.cli(port, 'cluster', 'info');
        return info.includes('cluster_state:ok') && info.includes('cluster_slots_ok:16384');
      });
      if (!isWhole) return false;
      const inSync = ports.filter((port) => this.cli(port, 'info', 'replication').includes('master_link_status:up'));
      return inSync.length >= replicas;
    });
  }

  async stop(): Promise<void> {
    for (const port of [...this.#running.keys()]) await this.kill(port);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'milonga-redis-'));

async function freePorts(count: number): Promise<readonly number[]> {
  for (let tries = 0; tries < 200; tries += 1) {
    const base = 10_000 + Math.floor(Math.random() * (BUS - count));
    const ports = Array.from({ length: count }, (_, at) => base + at);
    const checks = await Promise.all(ports.flatMap((port) => [isFree(port), isFree(port + BUS)]));
    if (checks.every(Boolean)) return ports;
  }
  throw new Error('No free ports for Redis between 10,000 and 20,000.');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, HOST, () => probe.close(() => resolve(true)));
  });
}

async function until(what: string, check: () => boolean): Promise<void> {
  const endsAt = performance.now() + 30_000;
  for (;;) {
    try {
      if (check()) return;
    } catch (error) {
      if (performance.now() > endsAt) throw error;
    }
    if (performance.now() > endsAt) throw new Error(`Within 30 s it did not come about that ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
