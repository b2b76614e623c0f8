import { retrying } from '../../grpc/retrying.ts';
import type { PubSubConnection } from '../client/pubsub-connection.ts';

/** Ids of one request; Pub/Sub takes 512 KiB. */
const IDS_AT_ONCE = 1_000;
/** How long an acknowledgement is tried. One that is lost is no harm: the ledger knows the event when it comes again. */
const ACKNOWLEDGE_WITHIN_MS = 5_000;

/** Keeps messages with this member while it works on them: their deadline is moved on three times before it would pass. */
export class Leases {
  readonly #connection: PubSubConnection;
  readonly #subscription: string;
  readonly #deadlineMs: number;
  readonly #held = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  constructor(connection: PubSubConnection, subscription: string, deadlineMs: number) {
    this.#connection = connection;
    this.#subscription = subscription;
    this.#deadlineMs = deadlineMs;
    this.#timer = setInterval(() => void this.#extend(), deadlineMs / 3);
  }

  get size(): number {
    return this.#held.size;
  }

  hold(ackId: string): void {
    this.#held.add(ackId);
  }

  /** They are handled. */
  async acknowledge(ackIds: readonly string[]): Promise<void> {
    await this.#inParts(ackIds, (part) =>
      retrying(ACKNOWLEDGE_WITHIN_MS, (limits) =>
        this.#connection.subscriber.acknowledge({ subscription: this.#subscription, ackIds: part }, limits),
      ),
    );
  }

  /** They are somebody else's, at once. */
  async giveBack(ackIds: readonly string[]): Promise<void> {
    await this.#inParts(ackIds, (part) => this.#setDeadline(part, 0));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #inParts(ackIds: readonly string[], call: (part: string[]) => Promise<unknown>): Promise<void> {
    for (let at = 0; at < ackIds.length; at += IDS_AT_ONCE) {
      const part = ackIds.slice(at, at + IDS_AT_ONCE);
      for (const ackId of part) this.#held.delete(ackId);
      await call(part).catch(() => {}); // they come again when their deadline has passed
    }
  }

  async #extend(): Promise<void> {
    const ackIds = [...this.#held];
    for (let at = 0; at < ackIds.length; at += IDS_AT_ONCE) {
      const part = ackIds.slice(at, at + IDS_AT_ONCE);
      await this.#setDeadline(part, Math.round(this.#deadlineMs / 1_000)).catch(() => {}); // tried again soon
    }
  }

  #setDeadline(ackIds: string[], ackDeadlineSeconds: number): Promise<unknown> {
    const request = { subscription: this.#subscription, ackIds, ackDeadlineSeconds };
    return retrying(this.#deadlineMs / 3, (limits) => this.#connection.subscriber.modifyAckDeadline(request, limits));
  }
}
