import { warnOfBackground } from './background-warning.ts';

/** One look at a stretch of entries. */
export interface SweepStep {
  /** Entries that were removed or shortened. */
  readonly swept: number;
  /** True when the last entry was reached; the next step begins at the first again. */
  readonly isEnd: boolean;
}

const STEP_EVERY_MS = 100;
const PASS_EVERY_MS = 5_000;

/**
 * Goes through a store again and again, a few hundred entries at a time, and removes what has expired: reads never return
 * it, but only this gives its space back. It starts with the first write of this process, so that processes that only read
 * do not sweep, and never keeps a process alive.
 */
export class Sweeper {
  readonly #step: () => Promise<SweepStep>;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(step: () => Promise<SweepStep>) {
    this.#step = step;
  }

  /** Idempotent, and cheap enough for every write. */
  start(): void {
    if (this.#timer === undefined && this.#running === undefined && !this.#isStopped) this.#after(STEP_EVERY_MS);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #after(delayMs: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#running = this.#run().finally(() => {
        this.#running = undefined;
      });
    }, delayMs);
    this.#timer.unref();
  }

  async #run(): Promise<void> {
    const { swept, isEnd } = await this.#step().catch((error: unknown) => {
      // Removing takes pages too: on a full disk it has to wait.
      warnOfBackground('Removing expired entries', error);
      return { swept: 0, isEnd: true };
    });
    if (!this.#isStopped) this.#after(swept > 0 ? 1 : isEnd ? PASS_EVERY_MS : STEP_EVERY_MS);
  }
}
