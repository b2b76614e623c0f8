import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A process of the tests, and what it has said so far. */
export interface Child {
  readonly process: ChildProcess;
  readonly lines: readonly string[];
  /** Resolves with the first line, said already or later, that begins with `start`. */
  line(start: string): Promise<string>;
  /** Exit code or signal. */
  readonly ended: Promise<number | string | null>;
  readonly complaint: () => string;
}

/** Starts `test-support/<name>.ts`, with `shell` commands before it when given, such as a limit. */
export function startChild(name: string, args: readonly string[], shell?: string): Child {
  const script = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const command = [process.execPath, '--conditions=@milonga/source', script, ...args];
  const child =
    shell === undefined
      ? spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] })
      : spawn('sh', ['-c', `${shell}; exec "$@"`, 'sh', ...command], { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint += String(chunk);
  });
  child.stdin.on('error', () => {}); // It may be dead before it has read what it was sent.
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const look of [...waiting]) look();
  });
  const ended = new Promise<number | string | null>((resolve) =>
    child.on('close', (code, signal) => resolve(signal ?? code)),
  );
  const line = (start: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.find((one) => one.startsWith(start));
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      void ended.then((how) => reject(new Error(`${name} ended (${how}) before it said "${start}": ${complaint}`)));
      look();
    });
  return { process: child, lines, line, ended, complaint: () => complaint };
}
