import { type Clock, deadlineExceeded, MilongaError } from '@milonga/core';
import type { DeadlineWatch } from '../run/deadline-watch.ts';

/** Too much at once: come back later. */
export class PipelineOverloadedError extends MilongaError {
  /** When another try makes sense; servers send it as `Retry-After`. */
  readonly retryAfterMs: number;

  constructor(pipeline: string, inFlight: number, waiting: number, retryAfterMs: number) {
    super(
      'MILONGA_PIPELINE_OVERLOADED',
      `Pipeline "${pipeline}" is at its limit: ${inFlight} requests are in flight and ${waiting} wait. Retry in ${Math.ceil(retryAfterMs)} ms.`,
      { isRetryable: true },
    );
    this.retryAfterMs = retryAfterMs;
  }
}

/** Limits of an {@link Admission}. */
export interface AdmissionLimits {
  readonly pipeline: string;
  readonly maxInFlight: number;
  readonly maxWaiting: number;
}

/** Weight of the newest request in the running mean of durations. */
const SMOOTHING = 0.1;

/**
 * Lets a bounded number of requests work and a bounded number wait, first come, first served. Whoever would wait past its
 * own deadline is refused at once: an answer that comes too late costs as much as one in time.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #clock: Clock;
  readonly #watch: DeadlineWatch;
  /** Each lets one request in. */
  readonly #waiting: (() => void)[] = [];
  #inFlight = 0;
  #meanMs = 0;

  constructor(limits: AdmissionLimits, clock: Clock, watch: DeadlineWatch) {
    this.#limits = limits;
    this.#clock = clock;
    this.#watch = watch;
  }

  /** `undefined` when the request may start now; it must call {@link leave} when it is over. */
  enter(deadlineMs: number, signal: AbortSignal | undefined): Promise<void> | undefined {
    if (this.#inFlight < this.#limits.maxInFlight) {
      this.#inFlight += 1;
      return undefined;
    }
    const nowMs = this.#clock.monotonicMs();
    const waitMs = this.#meanMs * (1 + Math.floor(this.#waiting.length / this.#limits.maxInFlight));
    if (this.#waiting.length >= this.#limits.maxWaiting || nowMs + waitMs > deadlineMs) {
      throw new PipelineOverloadedError(
        this.#limits.pipeline,
        this.#inFlight,
        this.#waiting.length,
        Math.max(waitMs, 1),
      );
    }
    return this.#wait(deadlineMs, signal);
  }

  #wait(deadlineMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        this.#watch.remove(late);
        signal?.removeEventListener('abort', cancelled);
        const place = this.#waiting.indexOf(admit);
        if (place >= 0) this.#waiting.splice(place, 1);
        settle();
      };
      const admit = (): void => end(resolve);
      const cancelled = (): void => end(() => reject(this.#cancelled(signal?.reason)));
      const waitedMs = deadlineMs - this.#clock.monotonicMs();
      const late = this.#watch.add(deadlineMs, () =>
        end(() => reject(deadlineExceeded(`Waiting for a place in pipeline "${this.#limits.pipeline}"`, waitedMs))),
      );
      signal?.addEventListener('abort', cancelled, { once: true });
      this.#waiting.push(admit);
    });
  }

  #cancelled(reason: unknown): MilongaError {
    const what = `A request to pipeline "${this.#limits.pipeline}" was cancelled while it waited.`;
    return new MilongaError('MILONGA_ABORTED', what, { cause: reason });
  }

  /** Ends a request that was let in, and lets in the next one. */
  leave(tookMs: number): void {
    this.#meanMs = this.#meanMs === 0 ? tookMs : this.#meanMs + SMOOTHING * (tookMs - this.#meanMs);
    const next = this.#waiting[0];
    if (next === undefined) this.#inFlight -= 1;
    else next();
  }
}
