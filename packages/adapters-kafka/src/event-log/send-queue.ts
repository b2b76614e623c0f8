import { MilongaError, messageOf } from '@milonga/core';
import { type KafkaClient, KafkaFailure, type KafkaProducer, type OutgoingRecord } from '../client/kafka-client.ts';
import { portError } from './failures.ts';
import type { PublishCall } from './publish-call.ts';
import { encodeEvent, sizeOf } from './record-codec.ts';
import type { Topics } from './topics.ts';

/** Of one partition in one request; what a broker takes as one batch is 1 MiB unless it was told otherwise. */
const BATCH_BYTES = 1_000_000;
/** In one request. kafkajs's cost grows with the square of it. */
const SEND_RECORDS = 4_000;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 1_000;
const CLOSE_MS = 5_000;

/** A record of a call, on its way. */
interface Sending {
  readonly call: PublishCall;
  readonly at: number;
  readonly record: OutgoingRecord;
}

/**
 * Sends what calls want published: first come, first served, one request at a time, each with as much as has gathered
 * meanwhile. So the events of a key keep their order, and a request that is repeated is exactly the one that failed, which
 * is what lets the brokers recognise it.
 */
export class SendQueue {
  readonly #client: KafkaClient;
  readonly #topics: Topics;
  readonly #maxWaiting: number;
  /** Those with events that are not taken yet. */
  readonly #calls: PublishCall[] = [];
  readonly #unsettled = new Set<PublishCall>();
  #waiting = 0;
  #producer: KafkaProducer | undefined;
  #running: Promise<void> | undefined;

  constructor(client: KafkaClient, topics: Topics, maxWaiting: number) {
    this.#client = client;
    this.#topics = topics;
    this.#maxWaiting = maxWaiting;
  }

  push(call: PublishCall): void {
    if (this.#waiting > 0 && this.#waiting + call.events.length > this.#maxWaiting) {
      const error = `${this.#waiting} events wait to be published, and no more than ${this.#maxWaiting} may. Retry later.`;
      call.giveUp(new MilongaError('MILONGA_EVENT_SINK_UNAVAILABLE', error, { isRetryable: true }));
      return;
    }
    this.#waiting += call.events.length;
    this.#calls.push(call);
    this.#unsettled.add(call);
    const settled = (): void => void this.#unsettled.delete(call);
    call.settled.then(settled, settled);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // Calls of the same turn go together.
    try {
      while (this.#calls.length > 0) {
        await this.#prepare(this.#calls[0]!);
        const sending = this.#take();
        if (sending.length > 0) await this.#send(sending);
      }
    } finally {
      this.#running = undefined; // in the turn that found nothing to do: what is pushed after that begins anew
    }
  }

  /** Looks up the topic, so that keys find their partitions. */
  async #prepare(call: PublishCall): Promise<void> {
    if (call.isOver || this.#topics.known(call.topic) !== undefined) return;
    try {
      await this.#topics.findOrCreate(call.topic);
    } catch (error) {
      call.giveUp(portError('MILONGA_EVENT_SINK_UNAVAILABLE', error));
    }
  }

  /** The next request: consecutive records, as many as go into one. A record of extraordinary size goes alone. */
  #take(): readonly Sending[] {
    const sending: Sending[] = [];
    const bytes = new Map<string, number>();
    while (this.#calls.length > 0) {
      const call = this.#calls[0]!;
      const partitions = call.isOver ? 0 : this.#topics.known(call.topic);
      if (partitions === undefined) return sending; // It is looked up first.
      for (; call.taken < call.events.length && !call.isOver; call.taken += 1) {
        const record = encodeEvent(call.topic, call.events[call.taken]!, partitions);
        if (MilongaError.isInstance(record)) {
          call.fail(call.taken, record);
          continue;
        }
        const place = `${record.partition} ${record.topic}`;
        const size = sizeOf(record);
        const total = (bytes.get(place) ?? 0) + size;
        if (sending.length > 0 && (total > BATCH_BYTES || sending.length >= SEND_RECORDS)) return sending;
        bytes.set(place, total);
        sending.push({ call, at: call.taken, record });
        if (size > BATCH_BYTES) {
          call.taken += 1;
          return sending;
        }
      }
      this.#calls.shift();
      this.#waiting -= call.events.length;
    }
    return sending;
  }

  /** Sends one request until it is stored, refused, or nobody waits for it any more. */
  async #send(sending: readonly Sending[]): Promise<void> {
    const records = sending.map(({ record }) => record);
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.#producer ??= await this.#client.producer();
        await this.#producer.send(records);
        for (const { call, at } of sending) call.acknowledge(at);
        return;
      } catch (error) {
        const failure = error instanceof KafkaFailure ? error : undefined;
        if (failure?.kind !== 'unavailable' || attempt > 1) await this.#discardProducer();
        if (failure?.kind === 'no-topic') for (const { topic } of records) this.#topics.forget(topic);
        if (failure?.kind === 'too-large' || failure?.kind === 'invalid') return this.#divide(sending, failure);
        if (failure === undefined || failure.kind === 'denied' || failure.kind === 'no-topic')
          return giveUp(sending, failure ?? portError('MILONGA_EVENT_SINK_UNAVAILABLE', error));
      }
      if (sending.every(({ call }) => call.isOver)) return this.#discardProducer();
      await new Promise((resolve) =>
        setTimeout(resolve, Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS)),
      );
    }
  }

  /** The broker refuses a request as it is: the two halves, one after the other, until the record at fault stands alone. */
  async #divide(sending: readonly Sending[], failure: KafkaFailure): Promise<void> {
    const [first] = sending;
    if (first !== undefined && sending.length === 1) {
      const message = `An event of ${sizeOf(first.record)} bytes was refused by the topic "${first.record.topic}". ${messageOf(failure)}`;
      first.call.fail(first.at, new MilongaError('MILONGA_SCHEMA_INVALID', message, { cause: failure }));
      return;
    }
    const middle = sending.length >> 1;
    await this.#send(sending.slice(0, middle));
    await this.#send(sending.slice(middle));
  }

  async #discardProducer(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.close();
  }

  /** Waits for what is being published. Every call settles within its own limit. */
  async close(): Promise<void> {
    await Promise.allSettled(Array.from(this.#unsettled, ({ settled }) => settled));
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([Promise.resolve(this.#running).then(() => this.#discardProducer()), limit]);
    clearTimeout(timer);
  }
}

function giveUp(sending: readonly Sending[], failure: KafkaFailure | MilongaError): void {
  for (const call of new Set(sending.map((each) => each.call))) call.giveUp(failure);
}
