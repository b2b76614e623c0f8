import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { identifyProcess, isRunning, type ProcessIdentity, parseIdentity } from './process-identity.ts';
import { waitUntil } from './waiting.ts';

/** A program to start and leave running. */
export interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  /** Added to the environment that the new process inherits. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How long a process may take to end itself before it is killed. */
const graceMs = 15_000;

/** Where a process of that name writes what it prints. */
export const logFile = (folder: string, name: string): string => join(folder, `${name}.log`);

const pidFile = (folder: string, name: string): string => join(folder, `${name}.pid`);

/**
 * Starts a process that outlives this one, in a group of its own so that a Ctrl-C in the terminal does not reach it,
 * and notes who it is in `<name>.pid`. What it prints goes to `<name>.log`; the log before it is kept as `.log.1`.
 */
export async function startProcess(folder: string, name: string, launch: Launch): Promise<void> {
  await mkdir(folder, { recursive: true });
  const log = logFile(folder, name);
  await rename(log, `${log}.1`).catch(ignoreMissing);
  const output = openSync(log, 'a');
  try {
    const child = spawn(launch.program, launch.args, {
      cwd: folder,
      detached: true,
      env: { ...process.env, ...launch.env },
      stdio: ['ignore', output, output],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    const identity = await identifyProcess(child.pid!);
    if (identity !== undefined) await writeFile(pidFile(folder, name), JSON.stringify(identity));
  } finally {
    closeSync(output);
  }
}

/** The process that was started under that name, where it still runs; a stale pid file counts for nothing. */
export async function runningProcess(folder: string, name: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(pidFile(folder, name), 'utf8').catch(ignoreMissing);
  const identity = text === undefined ? undefined : parseIdentity(text);
  return identity !== undefined && (await isRunning(identity)) ? identity : undefined;
}

/** The names of the processes that run out of that folder, sorted. */
export async function runningProcesses(folder: string): Promise<readonly string[]> {
  const files = (await readdir(folder).catch(ignoreMissing)) ?? [];
  const names = files.filter((file) => file.endsWith('.pid')).map((file) => file.slice(0, -'.pid'.length));
  const running = await Promise.all(names.map((name) => runningProcess(folder, name)));
  return names.filter((_, index) => running[index] !== undefined).sort();
}

/** Asks a process to end, kills it where it does not, and returns when it is gone. */
export async function stopProcess(folder: string, name: string, withinMs: number = graceMs): Promise<void> {
  const identity = await runningProcess(folder, name);
  if (identity !== undefined) {
    signalTo(identity, 'SIGTERM');
    const ended = await waitUntil(async () => !(await isRunning(identity)), { timeoutMs: withinMs });
    if (!ended) await killIdentity(identity, name);
  }
  await rm(pidFile(folder, name), { force: true });
}

/** Kills a process without warning (`kill -9`) and returns when it is gone; false where it was not running. */
export async function killProcess(folder: string, name: string): Promise<boolean> {
  const identity = await runningProcess(folder, name);
  if (identity !== undefined) await killIdentity(identity, name);
  await rm(pidFile(folder, name), { force: true });
  return identity !== undefined;
}

/** The end of what a process printed, for an error message. */
export async function logTail(folder: string, name: string, lines = 20): Promise<string> {
  const text = (await readFile(logFile(folder, name), 'utf8').catch(ignoreMissing)) ?? '';
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}

async function killIdentity(identity: ProcessIdentity, name: string): Promise<void> {
  signalTo(identity, 'SIGKILL');
  const gone = await waitUntil(async () => !(await isRunning(identity)), { timeoutMs: 5_000 });
  if (!gone) throw new Error(`The process ${identity.pid} of ${name} does not end, not even by SIGKILL.`);
}

function signalTo({ pid }: ProcessIdentity, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
