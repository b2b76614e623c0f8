import { warnOfBackground } from '../environment/background-warning.ts';
import type { LogHandle } from './log-handle.ts';

const EVERY_MS = 1_000;
/** Chunks removed in one transaction: a few milliseconds. */
const CHUNKS_PER_STEP = 64;

/**
 * Removes what is older than its topic keeps, in small steps in the background.
 *
 * Age is real time since the publish, also while the `Clock` replays the past: retention is there for consumers that lag,
 * and they lag in real time. A replay at full speed would otherwise drop events before anybody could read them.
 */
export class Retention {
  readonly #handle: LogHandle;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(handle: LogHandle) {
    this.#handle = handle;
    this.#timer = setInterval(() => this.#begin(), EVERY_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  #begin(): void {
    this.#running ??= this.#pass()
      .catch((error: unknown) => warnOfBackground('Removing events past their retention', error))
      .finally(() => {
        this.#running = undefined;
      });
  }

  async #pass(): Promise<void> {
    const { topics, log } = this.#handle;
    for (const topic of topics.all()) {
      for (let partition = 0; partition < topic.partitions; partition += 1) {
        let removed: number;
        do {
          if (this.#isStopped) return;
          removed = await log.removeBefore(topic, partition, Date.now() - topic.retentionMs, CHUNKS_PER_STEP);
          if (removed > 0) await new Promise((resolve) => setImmediate(resolve));
        } while (removed === CHUNKS_PER_STEP);
      }
    }
  }
}
