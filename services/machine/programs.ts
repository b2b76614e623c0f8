import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { access, mkdir, readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** The path of a program that this machine has, by the order of PATH; undefined where it has none. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder !== '' && (await isExecutable(join(folder, name)))) return join(folder, name);
  }
  return undefined;
}

/** Whether that path is a program which may be run. */
export async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** What a program prints, both streams together, or undefined where it fails. */
export async function outputOf(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, { timeout: 30_000 });
    return `${stdout}${stderr}`;
  } catch {
    return undefined;
  }
}

/** A program to run to its end. */
export interface Run {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The file that gets what the program prints. */
  readonly log: string;
  readonly signal: AbortSignal;
  /** Told the seconds gone by, each quarter of a minute. */
  readonly onProgress?: (seconds: number) => void;
}

const progressMs = 15_000;

/** Runs a program to its end; where it fails, the error has the end of its log. An abort ends its whole group. */
export async function runProgram(run: Run): Promise<void> {
  await mkdir(dirname(run.log), { recursive: true });
  run.signal.throwIfAborted();
  const startedAt = performance.now();
  const seconds = (): number => Math.round((performance.now() - startedAt) / 1_000);
  const ticker = setInterval(() => run.onProgress?.(seconds()), progressMs);
  const output = openSync(run.log, 'a');
  try {
    const child = spawn(run.program, run.args, {
      ...(run.cwd === undefined ? {} : { cwd: run.cwd }),
      env: { ...process.env, ...run.env },
      stdio: ['ignore', output, output],
      detached: true,
    });
    const code = await ended(child, run.signal);
    run.signal.throwIfAborted();
    if (code !== 0) throw new Error(`${run.program} ${run.args.join(' ')} ended with ${code}:\n${await tail(run.log)}`);
  } finally {
    clearInterval(ticker);
    closeSync(output);
  }
}

function ended(child: ChildProcess, signal: AbortSignal): Promise<number | string> {
  const interrupt = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
  };
  signal.addEventListener('abort', interrupt, { once: true });
  return new Promise<number | string>((resolve, reject) => {
    child.once('exit', (code, byType) => resolve(code ?? byType ?? 'no exit code'));
    child.once('error', reject);
  }).finally(() => signal.removeEventListener('abort', interrupt));
}

async function tail(log: string): Promise<string> {
  return (await readFile(log, 'utf8')).trimEnd().split('\n').slice(-20).join('\n');
}
