import type { EventBatch, EventSource } from '@milonga/core';

/** How often a barrier asks how far members of the group in other processes have come. */
const POLL_MS = 25;

/**
 * Knows how far a consumer group has come, and waits until it has caught up. Handled batches of this process are seen at
 * once; those of other processes by asking.
 */
export class GroupProgress {
  readonly #source: EventSource;
  readonly #topic: string;
  readonly #group: string;
  /** Offset behind the last handled event, by partition. */
  readonly #handled = new Map<number, number>();
  readonly #waiting = new Set<() => void>();
  #isStopped = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(source: EventSource, topic: string, group: string) {
    this.#source = source;
    this.#topic = topic;
    this.#group = group;
  }

  /** A batch has been handled, durably. */
  handled(batch: EventBatch): void {
    const last = batch.events.at(-1)?.offset;
    if (last !== undefined) this.#handled.set(batch.partition, last + 1);
    for (const wake of this.#waiting) wake();
  }

  /** Ends every barrier. */
  stop(): void {
    this.#isStopped = true;
    for (const wake of this.#waiting) wake();
  }

  /** The group will not go on: every barrier rejects, now and later. */
  fail(error: unknown): void {
    this.#failure = { error };
    for (const wake of this.#waiting) wake();
  }

  /** Resolves when everything published before the call has been handled. */
  async settle(): Promise<void> {
    if (this.#source.caughtUp !== undefined) return this.#settleByMarkers();
    const targets = new Map<number, number>();
    for (const { partition, committedOffset, endOffset } of await this.#positions()) {
      if (committedOffset < endOffset) targets.set(partition, endOffset);
    }
    // Nothing may be awaited between looking and waiting: a batch that is handled meanwhile would wake nobody.
    for (;;) {
      this.#dropHandled(targets);
      if (targets.size === 0 || this.#isStopped) return;
      if (this.#failure !== undefined) throw this.#failure.error;
      if (await this.#change()) continue;
      for (const { partition, committedOffset } of await this.#positions()) {
        if (committedOffset >= (targets.get(partition) ?? 0)) targets.delete(partition);
      }
    }
  }

  /** For brokers that do not tell how many events wait. */
  async #settleByMarkers(): Promise<void> {
    const waiting = new AbortController();
    const caughtUp = this.#source.caughtUp!(this.#topic, this.#group, { signal: waiting.signal }).then(() => true);
    caughtUp.catch(() => {}); // cancelled below
    try {
      for (let isThere = false; !isThere && !this.#isStopped; ) {
        if (this.#failure !== undefined) throw this.#failure.error;
        isThere = await Promise.race([caughtUp, this.#change().then(() => false)]);
      }
    } finally {
      waiting.abort();
    }
  }

  #positions(): ReturnType<EventSource['positions']> {
    return this.#source.positions(this.#topic, this.#group);
  }

  #dropHandled(targets: Map<number, number>): void {
    for (const [partition, end] of targets) if ((this.#handled.get(partition) ?? 0) >= end) targets.delete(partition);
  }

  /** True when a batch was handled here, false when it is time to ask about others. */
  #change(): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isHere: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve(isHere);
      };
      const wake = (): void => end(true);
      const timer = setTimeout(() => end(false), POLL_MS);
      this.#waiting.add(wake);
    });
  }
}
