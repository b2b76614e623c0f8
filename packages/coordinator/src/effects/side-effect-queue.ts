import { type Clock, deadlineExceeded, METRICS, measure } from '@milonga/core';
import { DeadlineWatch } from '../run/deadline-watch.ts';
import type { FailureLog } from '../run/failure-log.ts';

/** Something to do after an answer. */
export interface Task {
  readonly stage: string;
  /** Default: 10,000 ms. A task that takes longer is told by the signal and left behind. */
  readonly timeoutMs: number | undefined;
  readonly run: (signal: AbortSignal) => void | PromiseLike<void>;
}

/** Limits and names of a {@link SideEffectQueue}. */
export interface SideEffectQueueOptions {
  readonly pipeline: string;
  readonly failures: FailureLog;
  readonly clock: Clock;
  /** Tasks that wait; more are dropped, counted and logged. */
  readonly maxWaiting: number;
}

/** Tasks at work at once: enough to overlap their waiting, few enough to leave the process to the requests. */
const MOST_RUNNING = 16;
const TIMEOUT_MS = 10_000;

/** Runs side effects after their answers, in order of arrival, a few at a time. */
export class SideEffectQueue {
  readonly #options: SideEffectQueueOptions;
  readonly #watch: DeadlineWatch;
  #waiting: Task[] = [];
  #first = 0;
  #running = 0;
  #isScheduled = false;
  #idle: (() => void)[] = [];

  constructor(options: SideEffectQueueOptions) {
    this.#options = options;
    this.#watch = new DeadlineWatch(options.clock);
  }

  add(task: Task): void {
    if (this.#waiting.length - this.#first >= this.#options.maxWaiting) {
      this.#failed(task, new Error(`${this.#options.maxWaiting} side effects wait already; this one was dropped.`));
      return;
    }
    this.#waiting.push(task);
    this.#schedule();
  }

  /** Resolves when nothing waits and nothing runs. */
  drain(): Promise<void> {
    if (this.#isIdle) return Promise.resolve();
    return new Promise((resolve) => void this.#idle.push(resolve));
  }

  get #isIdle(): boolean {
    return this.#running === 0 && this.#first === this.#waiting.length;
  }

  /** After the event loop has had a turn, so that the answer leaves first. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#work();
    });
  }

  #work(): void {
    while (this.#running < MOST_RUNNING && this.#first < this.#waiting.length) {
      const task = this.#waiting[this.#first]!;
      this.#first += 1;
      this.#running += 1;
      void this.#perform(task);
    }
    if (this.#first > 1_024 || this.#first === this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
  }

  async #perform(task: Task): Promise<void> {
    try {
      await this.#withinLimit(task);
    } catch (error) {
      this.#failed(task, error);
    }
    this.#running -= 1;
    if (this.#first < this.#waiting.length) this.#schedule();
    if (!this.#isIdle) return;
    this.#watch.close(); // or its timer would keep the process alive
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }

  #withinLimit({ stage, run, timeoutMs = TIMEOUT_MS }: Task): Promise<void> {
    return new Promise((resolve, reject) => {
      const controller = new AbortController();
      const late = this.#watch.add(this.#options.clock.monotonicMs() + timeoutMs, () => {
        const error = deadlineExceeded(`Side effect "${stage}"`, timeoutMs);
        controller.abort(error);
        reject(error);
      });
      (async () => run(controller.signal))()
        .then(resolve, reject)
        .finally(() => this.#watch.remove(late));
    });
  }

  #failed({ stage }: Task, error: unknown): void {
    const { pipeline, failures } = this.#options;
    measure(METRICS.sideEffectsFailed, 1, { pipeline, stage });
    failures.add('A side effect failed after its answer', stage, error, this.#options.clock.monotonicMs());
  }
}
