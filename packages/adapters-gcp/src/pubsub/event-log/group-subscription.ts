import type { protos } from '@google-cloud/pubsub';
import type { Subscription } from '@milonga/core';
import { type Backoff, delayAfter, pauseFor } from '../../grpc/backoff.ts';
import { GRPC, grpcCodeOf, isTransient, portError } from '../../grpc/failures.ts';
import type { PubSubConnection } from '../client/pubsub-connection.ts';
import type { Leases } from './leases.ts';
import { markerOf } from './marker.ts';
import { decodeEvent, type PubSubMessage, publishedAtOf } from './message-codec.ts';
import { partitionOf } from './partition-of.ts';
import type { PartitionWorker } from './partition-worker.ts';
import type { KnownSubscription } from './subscriptions.ts';

/** What a member of a group works with. */
export interface MemberOptions {
  readonly connection: PubSubConnection;
  readonly subscription: KnownSubscription;
  readonly group: string;
  readonly partitions: number;
  /** Most messages of one pull. */
  readonly maxBatchEvents: number;
  readonly abandonAfterMs: number;
  readonly leases: Leases;
  readonly stop: AbortController;
  readonly workerOf: (partition: number) => PartitionWorker;
  readonly signal: AbortSignal | undefined;
  readonly left: (member: GroupSubscription) => void;
}

interface PullRequest {
  readonly subscription: string;
  readonly maxMessages: number;
}

const SETTLE_MS = 25;
const BACKOFF: Backoff = { firstMs: 50, longestMs: 2_000 };
/** How long a pull waits for messages. */
const PULL_TIMEOUT_MS = 30_000;
/**
 * The emulator answers an empty pull a second before its time is over, and goes on serving one that was cancelled, which then
 * keeps from everybody what it gets: pulls there are short and run to their end.
 */
const EMULATOR_PULL_TIMEOUT_MS = 1_500;

type CancellableCall = Promise<readonly [protos.google.pubsub.v1.IPullResponse, ...unknown[]]> & { cancel(): void };

/** A pull that can be cancelled, which the generated method of the client cannot. */
function pullOf(subscriber: PubSubConnection['subscriber'], request: PullRequest, timeout: number): CancellableCall {
  const routing = `subscription=${encodeURIComponent(request.subscription)}`;
  const otherArgs = { headers: { 'x-goog-request-params': routing } };
  const options = { timeout, retry: null, otherArgs };
  return subscriber.innerApiCalls.pull!(request, options) as CancellableCall;
}

/**
 * A member of a group: pulls, and gives each partition its messages. While a partition's messages are with a member, Pub/Sub
 * gives out no more of it, so a slow handler holds its own partition alone.
 */
export class GroupSubscription implements Subscription {
  readonly ended: Promise<void>;
  readonly #options: MemberOptions;
  readonly #end = Promise.withResolvers<void>();
  readonly #workers = new Map<number, PartitionWorker>();
  readonly #heartbeat: NodeJS.Timeout;
  #pulling: Promise<void> | undefined;
  #cancelPull: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: MemberOptions) {
    this.#options = options;
    this.ended = this.#end.promise;
    this.ended.catch(() => {}); // whoever waits for it is told
    options.signal?.addEventListener('abort', this.#abort, { once: true });
    this.#heartbeat = setInterval(this.#touch, options.abandonAfterMs / 3);
    this.#heartbeat.unref();
    this.#pulling = this.#pull();
  }

  readonly #abort = (): void => void this.close();

  close(): Promise<void> {
    this.#closing ??= this.#close(undefined);
    return this.#closing;
  }

  async #close(failure: unknown): Promise<void> {
    const { stop, leases, signal, left } = this.#options;
    stop.abort();
    clearInterval(this.#heartbeat);
    signal?.removeEventListener('abort', this.#abort);
    if (!this.#options.connection.isEmulator) this.#cancelPull?.();
    if (failure === undefined) await this.#pulling;
    await Promise.all([...this.#workers.values()].map((worker) => worker.idle()));
    leases.stop();
    left(this);
    if (failure === undefined) this.#end.resolve();
    else this.#end.reject(failure);
  }

  async #pull(): Promise<void> {
    const { stop, leases, partitions, maxBatchEvents } = this.#options;
    for (let failures = 0; !stop.signal.aborted; ) {
      try {
        const received = await this.#pullOnce();
        failures = 0;
        await this.#take(received);
        if (received.length > 0) await this.#settled();
        while (leases.size > partitions * maxBatchEvents * 2 && !stop.signal.aborted) await pauseFor(20, stop.signal);
      } catch (error) {
        if (stop.signal.aborted) return;
        if (!isTransient(error)) {
          const failure = portError('MILONGA_EVENT_SOURCE_UNAVAILABLE', 'Pulling from Pub/Sub', error);
          this.#closing ??= this.#close(failure);
          return;
        }
        failures += 1;
        await pauseFor(delayAfter(failures, BACKOFF), stop.signal);
      }
    }
  }

  /**
   * Waits a moment for the handlers: a pull that begins after their acknowledgements finds what comes next in their
   * partitions at once, one that began before may be told late.
   */
  async #settled(): Promise<void> {
    const idle = Promise.all([...this.#workers.values()].map((worker) => worker.idle()));
    await Promise.race([idle, pauseFor(SETTLE_MS, this.#options.stop.signal)]);
  }

  async #pullOnce(): Promise<readonly protos.google.pubsub.v1.IReceivedMessage[]> {
    const { connection, subscription, maxBatchEvents } = this.#options;
    const request = { subscription: subscription.path, maxMessages: maxBatchEvents };
    const timeoutMs = connection.isEmulator ? EMULATOR_PULL_TIMEOUT_MS : PULL_TIMEOUT_MS;
    const call = pullOf(connection.subscriber, request, timeoutMs);
    this.#cancelPull = () => call.cancel();
    try {
      const [{ receivedMessages }] = await call;
      return receivedMessages ?? [];
    } catch (error) {
      if (grpcCodeOf(error) === GRPC.deadlineExceeded) return []; // nothing came
      throw error;
    } finally {
      this.#cancelPull = undefined;
    }
  }

  async #take(received: readonly protos.google.pubsub.v1.IReceivedMessage[]): Promise<void> {
    const { leases, subscription, group, stop } = this.#options;
    if (stop.signal.aborted) return leases.giveBack(received.map(({ ackId }) => ackId ?? ''));
    const foreign: string[] = [];
    for (const { ackId, message } of received) {
      if (ackId == null || message == null) continue;
      const marker = markerOf(message);
      const isOurs = marker === undefined ? publishedAtOf(message) >= subscription.startAt : marker.group === group;
      if (!isOurs) {
        foreign.push(ackId);
        continue;
      }
      leases.hold(ackId);
      this.#worker(this.#partitionOf(message)).offer({ ackId, content: marker?.id ?? decodeEvent(message) });
    }
    if (foreign.length > 0) await leases.acknowledge(foreign);
  }

  #worker(partition: number): PartitionWorker {
    let worker = this.#workers.get(partition);
    if (worker === undefined) {
      worker = this.#options.workerOf(partition);
      this.#workers.set(partition, worker);
    }
    return worker;
  }

  /** Messages of other publishers may have ordering keys of their own. */
  #partitionOf({ orderingKey, messageId }: PubSubMessage): number {
    const { partitions } = this.#options;
    const named = orderingKey != null && /^\d{1,6}$/.test(orderingKey) ? Number(orderingKey) : partitions;
    return named < partitions ? named : partitionOf(orderingKey || messageId || '', partitions);
  }

  /** Tells other members that what is open is still worked on. */
  readonly #touch = (): void => {
    for (const worker of this.#workers.values()) if (worker.isBusy) worker.ledger.touch().catch(() => {}); // next time
  };
}
