import { type EventMessage, MilongaError, type PublishOutcome } from '@milonga/core';
import type { KafkaFailure } from '../client/kafka-client.ts';
import { portError } from './failures.ts';

const ACKNOWLEDGED: PublishOutcome = Object.freeze({ status: 'acknowledged' });

/** When a call ends without its events being stored. */
export interface PublishLimits {
  readonly limitMs: number;
  readonly signal: AbortSignal | undefined;
  readonly lastTrouble: () => string | undefined;
}

/** One `publish` on its way: its events, and what has become of each. */
export class PublishCall {
  readonly topic: string;
  readonly events: readonly EventMessage[];
  readonly settled: Promise<readonly PublishOutcome[]>;
  /** The first event that was not taken for sending yet. */
  taken = 0;
  readonly #outcomes: (PublishOutcome | undefined)[];
  readonly #settle: { resolve: (outcomes: readonly PublishOutcome[]) => void; reject: (error: unknown) => void };
  #left: number;
  #isAcknowledged = false;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;
  #signal: AbortSignal | undefined;

  constructor(topic: string, events: readonly EventMessage[], { limitMs, signal, lastTrouble }: PublishLimits) {
    this.topic = topic;
    this.events = events;
    this.#outcomes = new Array(events.length);
    this.#left = events.length;
    const { promise, resolve, reject } = Promise.withResolvers<readonly PublishOutcome[]>();
    this.settled = promise;
    this.#settle = { resolve, reject };
    this.#signal = signal;
    signal?.addEventListener('abort', this.#abort, { once: true });
    this.#timer = setTimeout(() => this.#expire(limitMs, lastTrouble()), limitMs);
  }

  /** True when nobody waits any more: what is not sent yet need not be. */
  get isOver(): boolean {
    return this.#isOver;
  }

  acknowledge(at: number): void {
    this.#isAcknowledged = true;
    this.#put(at, ACKNOWLEDGED);
  }

  fail(at: number, error: MilongaError): void {
    this.#put(at, { status: 'failed', error, isRetryable: error.isRetryable });
  }

  #put(at: number, outcome: PublishOutcome): void {
    if (this.#isOver || this.#outcomes[at] !== undefined) return;
    this.#outcomes[at] = outcome;
    this.#left -= 1;
    if (this.#left === 0) this.#end(() => this.#settle.resolve(this.#outcomes as readonly PublishOutcome[]));
  }

  /** Ends what is not settled: a throw when nothing was acknowledged, else outcomes. */
  giveUp(failure: KafkaFailure | MilongaError): void {
    if (this.#isOver) return;
    const error = portError('MILONGA_EVENT_SINK_UNAVAILABLE', failure);
    const failed: PublishOutcome = { status: 'failed', error, isRetryable: error.isRetryable };
    const outcomes = Array.from(this.#outcomes, (outcome) => outcome ?? failed);
    this.#end(() => (this.#isAcknowledged ? this.#settle.resolve(outcomes) : this.#settle.reject(error)));
  }

  #expire(limitMs: number, trouble: string | undefined): void {
    const why = trouble === undefined ? '' : ` The last that the client said was: ${trouble.replace(/\.+$/, '')}.`;
    this.giveUp(
      new MilongaError(
        'MILONGA_EVENT_SINK_UNAVAILABLE',
        `No broker has acknowledged the events within ${limitMs} ms; some may have been stored.${why} See whether the brokers run and can be reached, then retry.`,
        { isRetryable: true },
      ),
    );
  }

  readonly #abort = (): void => {
    const cause: unknown = this.#signal?.reason;
    this.#end(() => this.#settle.reject(new MilongaError('MILONGA_ABORTED', 'publish was cancelled.', { cause })));
  };

  #end(settle: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#abort);
    settle();
  }
}
