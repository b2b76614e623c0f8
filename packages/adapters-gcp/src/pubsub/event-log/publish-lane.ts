import { MilongaError } from '@milonga/core';
import { portError } from '../../grpc/failures.ts';
import { retrying } from '../../grpc/retrying.ts';
import type { PubSubConnection } from '../client/pubsub-connection.ts';
import type { PubSubMessage } from './message-codec.ts';

/** A message on its way, and who wants to know. */
export interface Outgoing {
  readonly message: PubSubMessage;
  readonly bytes: number;
  /** True when nobody waits any more. */
  readonly isOver: () => boolean;
  readonly settle: (error: MilongaError | undefined) => void;
}

/** Limits of one request to Pub/Sub, which takes 1,000 messages and 10 MB. */
const MOST = { messages: 1_000, bytes: 9_000_000 };

/**
 * Publishes the messages of one ordering key, one request at a time, so that they are stored in their order. When a request
 * fails for good, what waits behind it fails too, and the lane is free again for what comes later: nothing overtakes.
 */
export class PublishLane {
  readonly #connection: PubSubConnection;
  readonly #topicPath: string;
  readonly #timeoutMs: number;
  #waiting: Outgoing[] = [];
  #running: Promise<void> | undefined;

  constructor(connection: PubSubConnection, topicPath: string, timeoutMs: number) {
    this.#connection = connection;
    this.#topicPath = topicPath;
    this.#timeoutMs = timeoutMs;
  }

  push(outgoing: Outgoing): void {
    this.#waiting.push(outgoing);
    this.#running ??= this.#run();
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // what is pushed in the same turn travels together
    try {
      while (this.#waiting.length > 0) await this.#publish(this.#take());
    } finally {
      this.#running = undefined; // in the turn that found nothing to do: what is pushed after that begins anew
    }
  }

  async #publish(batch: readonly Outgoing[]): Promise<void> {
    if (batch.length === 0) return;
    try {
      const messages = batch.map(({ message }) => message);
      await retrying(this.#timeoutMs, (limits) =>
        this.#connection.publisher.publish({ topic: this.#topicPath, messages }, limits),
      );
      for (const { settle } of batch) settle(undefined);
    } catch (cause) {
      const error = portError('MILONGA_EVENT_SINK_UNAVAILABLE', `Publishing to ${this.#topicPath}`, cause);
      const behind = this.#waiting;
      this.#waiting = [];
      for (const { settle } of batch) settle(error);
      for (const { settle } of behind) settle(overtaking(error));
    }
  }

  #take(): Outgoing[] {
    let count = 0;
    let bytes = 0;
    while (count < this.#waiting.length && count < MOST.messages) {
      const next = this.#waiting[count]!;
      if (count > 0 && bytes + next.bytes > MOST.bytes) break;
      bytes += next.bytes;
      count += 1;
    }
    return this.#waiting.splice(0, count).filter(({ isOver }) => !isOver());
  }
}

const overtaking = (cause: MilongaError): MilongaError =>
  new MilongaError(
    'MILONGA_EVENT_SINK_UNAVAILABLE',
    'Not published, as it would have overtaken an event of its partition that failed. Retry.',
    { cause, isRetryable: true },
  );
