import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A process as no later one can be mistaken for it: process ids are used again, but not with the same start. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When the process started, in the words of the operating system. */
  readonly started: string;
}

const run = promisify(execFile);

/** Who runs under that process id now; undefined where nobody does, or only a dead child nobody has buried. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  const started = process.platform === 'linux' ? await startFromProc(pid) : await startFromPs(pid);
  return started === undefined ? undefined : { pid, started };
}

/** Whether that very process still runs. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  return (await identifyProcess(identity.pid))?.started === identity.started;
}

/** The identity in a text that this module's callers wrote as JSON; undefined for any other text. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  try {
    const { pid, started } = JSON.parse(text) as Partial<ProcessIdentity>;
    if (Number.isSafeInteger(pid) && typeof started === 'string') return { pid: pid!, started };
  } catch {
    // A file cut short by a crash names nobody.
  }
  return undefined;
}

/**
 * Field 22 of proc(5)'s stat, in clock ticks since boot; the name in field 2 may hold blanks and brackets. Of a killed
 * process the first thread can be dead (Z, X) while others still close its sockets: until they end, it runs.
 */
async function startFromProc(pid: number): Promise<string | undefined> {
  let stat: string;
  try {
    stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const dead = fields[0] === 'Z' || fields[0] === 'X';
  const threads = Number(fields[17]);
  return dead && threads <= 1 ? undefined : fields[19];
}

async function startFromPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]);
    const [state, ...start] = stdout.trim().split(/\s+/);
    return state === undefined || state.startsWith('Z') || start.length === 0 ? undefined : start.join(' ');
  } catch {
    return undefined;
  }
}
