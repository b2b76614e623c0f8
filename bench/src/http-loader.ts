import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { LoadOrder, LoadReport } from './http-load.ts';

/** What a server did under load. */
export interface ServerUnderLoad extends LoadReport {
  /** Of this process, which the server runs in, per request. */
  readonly processorUs: number;
}

/** Puts load on servers of this process, from another. */
export class HttpLoader implements AsyncDisposable {
  readonly #child: ChildProcess = fork(new URL('./http-load.ts', import.meta.url));

  /** @throws Error when a request failed: figures of a server that refuses would be fine and wrong. */
  async run(order: LoadOrder): Promise<ServerUnderLoad> {
    const before = process.cpuUsage();
    this.#child.send(order);
    const [report] = (await once(this.#child, 'message')) as [LoadReport];
    const { user, system } = process.cpuUsage(before);
    if (report.failures > 0 || report.requests === 0)
      throw new Error(`${order.url} failed ${report.failures} of ${report.requests} requests.`);
    return { ...report, processorUs: (user + system) / report.requests };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill();
    await gone;
  }
}
