import { type EventBatch, type EventMessage, messageOf, type ReceivedEvent } from '@milonga/core';
import { type Backoff, delayAfter, pauseFor } from '../../grpc/backoff.ts';
import type { Leases } from './leases.ts';
import type { Admission, Ledger } from './ledger.ts';
import { fingerprint } from './ledger-cells.ts';

/** What came with one message. */
export interface Delivery {
  readonly ackId: string;
  /** The event, or the id of a marker. */
  readonly content: EventMessage | string;
}

/** Events that no handler could take, and why. */
export interface DeadEvents {
  readonly partition: number;
  readonly events: readonly ReceivedEvent[];
  readonly cause: string;
}

/** What the worker of one partition needs from the rest. */
export interface WorkerOptions {
  readonly topic: string;
  readonly partition: number;
  readonly maxBatchEvents: number;
  readonly maxAttempts: number;
  readonly retryDelayMs: number;
  readonly ledger: Ledger;
  readonly leases: Leases;
  readonly stopping: AbortSignal;
  readonly handler: (batch: EventBatch) => Promise<void>;
  readonly bury: (dead: DeadEvents) => Promise<void>;
  readonly measured: (events: number, outcome: 'handled' | 'retried' | 'dead-letter') => void;
  /** A store or the broker is away, and the partition waits. */
  readonly troubled: (what: string, error: unknown) => void;
}

const LONGEST_DELAY_MS = 30_000;
/** What is handled is still noted for so long after a stop, while the store is away. */
const NOTE_WITHIN_MS = 5_000;

/** Hands one partition's events to the handler, a batch at a time, with the offsets that the ledger gives them. */
export class PartitionWorker {
  readonly #options: WorkerOptions;
  readonly #backoff: Backoff;
  #queue: Delivery[] = [];
  #running: Promise<void> | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#backoff = { firstMs: options.retryDelayMs, longestMs: LONGEST_DELAY_MS };
  }

  /** True while a batch is at hand. */
  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  get ledger(): Ledger {
    return this.#options.ledger;
  }

  offer(delivery: Delivery): void {
    this.#queue.push(delivery);
    this.#running ??= this.#run();
  }

  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve)); // what came together is offered together
    try {
      do {
        await this.#work();
        await this.#release();
      } while (this.#queue.length > 0); // offered while the last ones were given back
    } finally {
      this.#running = undefined; // in the turn that found nothing to do: what is offered after that begins anew
    }
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0 && !this.#isStopping) {
      try {
        await this.#next();
      } catch (error) {
        this.#options.troubled('Positions cannot be kept; the partition waits', error);
        await this.#release(); // they come again in their order
        await pauseFor(delayAfter(3, this.#backoff), this.#options.stopping);
      }
    }
  }

  async #next(): Promise<void> {
    const head = this.#queue[0]!;
    const { ledger, leases } = this.#options;
    if (typeof head.content === 'string') {
      if (!(await ledger.mark(head.content))) return this.#yield();
      this.#queue.shift();
      return leases.acknowledge([head.ackId]);
    }
    const deliveries = this.#cut();
    const admission = await ledger.admit(deliveries.map(({ content }) => fingerprint((content as EventMessage).id)));
    await leases.acknowledge(admission.repeated.map((at) => deliveries[at]!.ackId));
    const early = admission.early.map((at) => deliveries[at]!);
    this.#queue = [...early, ...this.#queue.slice(deliveries.length)];
    if (admission.batch.length > 0) return this.#handle(admission, deliveries);
    if (early.length > 0) await this.#yield();
  }

  /** Events at the head of the queue, up to a marker. */
  #cut(): readonly Delivery[] {
    const end = this.#queue.findIndex(({ content }) => typeof content === 'string');
    return this.#queue.slice(0, Math.min(end < 0 ? this.#queue.length : end, this.#options.maxBatchEvents));
  }

  /** Something earlier is with another member, or lost its member: everything goes back, and comes after it. */
  async #yield(): Promise<void> {
    await pauseFor(delayAfter(1, this.#backoff), this.#options.stopping);
    await this.#release();
  }

  async #release(): Promise<void> {
    const queue = this.#queue;
    this.#queue = [];
    await this.#options.leases.giveBack(queue.map(({ ackId }) => ackId));
  }

  async #handle({ batch }: Admission, deliveries: readonly Delivery[]): Promise<void> {
    const { leases } = this.#options;
    const ackIds = batch.map(({ at }) => deliveries[at]!.ackId);
    const events = batch.map(({ at, offset }) => ({ ...(deliveries[at]!.content as EventMessage), offset }));
    const isDone = (await this.#deliver(events)) && (await this.#note(events.at(-1)!.offset + 1));
    if (isDone) await leases.acknowledge(ackIds);
    else {
      const rest = this.#queue.map(({ ackId }) => ackId);
      this.#queue = [];
      await leases.giveBack([...ackIds, ...rest]);
    }
  }

  /** Moves the group's position; only then may messages be acknowledged. False when it could not before the end. */
  async #note(offset: number): Promise<boolean> {
    let stoppedAt: number | undefined;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#options.ledger.commit(offset);
        return true;
      } catch (error) {
        this.#options.troubled('A handled batch cannot be noted yet; the partition waits', error);
        if (this.#isStopping) stoppedAt ??= performance.now();
        if (stoppedAt !== undefined && performance.now() - stoppedAt > NOTE_WITHIN_MS) return false;
        await pauseFor(delayAfter(Math.min(attempt, 6), this.#backoff), undefined);
      }
    }
  }

  /** Hands out a batch until it is handled or buried; false when the subscription ends before. */
  async #deliver(events: readonly ReceivedEvent[]): Promise<boolean> {
    const { topic, partition, maxAttempts, handler, measured, stopping } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const failure = await failureOf(handler, { topic, partition, events, attempt });
      if (failure === undefined) {
        measured(events.length, 'handled');
        return true;
      }
      if (this.#isStopping) return false; // being stopped makes handlers fail: no fault of the events
      if (attempt >= maxAttempts) return this.#bury({ partition, events, cause: failure });
      measured(events.length, 'retried');
      await pauseFor(delayAfter(attempt, this.#backoff), stopping);
      if (this.#isStopping) return false;
    }
  }

  /** Again and again while the dead-letter topic cannot be written: nothing is dropped, and the order is kept. */
  async #bury(dead: DeadEvents): Promise<boolean> {
    for (let attempt = 1; !this.#isStopping; attempt += 1) {
      try {
        await this.#options.bury(dead);
        this.#options.measured(dead.events.length, 'dead-letter');
        return true;
      } catch (error) {
        this.#options.troubled('Dead letters cannot be written; the partition waits', error);
        await pauseFor(delayAfter(attempt, this.#backoff), this.#options.stopping);
      }
    }
    return false;
  }

  get #isStopping(): boolean {
    return this.#options.stopping.aborted;
  }
}

/** What the handler threw, in words; `undefined` when it resolved. */
async function failureOf(handler: WorkerOptions['handler'], batch: EventBatch): Promise<string | undefined> {
  try {
    await handler(batch);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
