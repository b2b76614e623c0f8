import { type Logger, MilongaError, messageOf } from '@milonga/core';
import type { FastifyInstance } from 'fastify';

/** What a part may take after everything was aborted, before it is left behind. */
const GRACE_MS = 2_000;

/**
 * The end of a process: parts stop one after the other, within one limit of time for all of them. When it is over, what is in
 * flight is aborted; what does not end even then is left behind, and the next part has its turn.
 */
export class Drain {
  readonly #log: Logger;
  readonly #limitMs: number;
  readonly #abort: (reason: MilongaError) => void;
  readonly #errors: unknown[] = [];
  #late: Promise<void> = Promise.resolve();
  readonly #timers: NodeJS.Timeout[] = [];
  #isLate = false;

  /** @param abort Called once when the limit is over. */
  constructor(log: Logger, limitMs: number, abort: (reason: MilongaError) => void) {
    this.#log = log;
    this.#limitMs = limitMs;
    this.#abort = abort;
  }

  /** The time begins to run. */
  begin(): void {
    this.#late = new Promise((resolve) => {
      const overdue = (): void => {
        this.#isLate = true;
        this.#log.warn('The process did not drain in time; what is in flight is aborted', { drainMs: this.#limitMs });
        this.#abort(new MilongaError('MILONGA_ABORTED', `The process did not drain within ${this.#limitMs} ms.`));
        this.#timers.push(setTimeout(resolve, GRACE_MS));
      };
      this.#timers.push(setTimeout(overdue, this.#limitMs));
    });
  }

  /** Stops one part; a failure is kept for {@link end}, so that the other parts are stopped too. */
  async stop(what: string, work: () => Promise<unknown> | undefined): Promise<void> {
    let isDone = false;
    const done = (async () => work())().then(
      () => {
        isDone = true;
      },
      (error: unknown) => {
        isDone = true;
        this.#log.error('Stopping failed', { what, error: messageOf(error) });
        this.#errors.push(error);
      },
    );
    await Promise.race([done, this.#late]);
    // After the limit each part still gets a moment: most of them only have to close a file.
    if (!isDone && this.#isLate) await Promise.race([done, this.#moment()]);
    if (isDone) return;
    this.#log.error('Stopping did not end; it is left behind', { what });
    this.#errors.push(new MilongaError('MILONGA_ABORTED', `Stopping "${what}" did not end; it was left behind.`));
  }

  #moment(): Promise<void> {
    return new Promise((resolve) => {
      this.#timers.push(setTimeout(resolve, GRACE_MS));
    });
  }

  /** @throws the first failure, also that of a part that was left behind. */
  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    if (this.#errors.length > 0) throw this.#errors[0];
  }
}

/** Ends connections that are open still, once requests in flight were aborted and had a moment to be answered. */
export function cutConnections(server: FastifyInstance | undefined): void {
  setTimeout(() => server?.server.closeAllConnections(), 500).unref();
}
