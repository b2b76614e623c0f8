import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The shop in another process. */
export interface ShopChild extends AsyncDisposable {
  readonly url: string;
  /** Exit code or signal. */
  readonly ended: Promise<number | string | null>;
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | string | null>;
  /** What it has written to standard error. */
  complaint(): string;
}

/** Starts it, after `shell` commands when given, such as a limit; resolves when it serves. */
export async function startShopChild(dir: string, shell = 'true'): Promise<ShopChild> {
  const script = fileURLToPath(new URL('./shop-process.ts', import.meta.url));
  const command = [process.execPath, '--conditions=@milonga/source', script, dir];
  const child = spawn('sh', ['-c', `${shell}; exec "$@"`, 'sh', ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint += String(chunk);
  });
  const ended = new Promise<number | string | null>((resolve) =>
    child.on('close', (code, signal) => resolve(signal ?? code)),
  );
  const kill = (signal: 'SIGKILL' | 'SIGTERM'): Promise<number | string | null> => {
    child.kill(signal);
    return ended;
  };
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length));
    });
    void ended.then((how) => reject(new Error(`The shop ended (${how}) before it was ready: ${complaint}`)));
  });
  return {
    url,
    ended,
    kill,
    complaint: () => complaint,
    [Symbol.asyncDispose]: async () => void (await kill('SIGKILL')),
  };
}
