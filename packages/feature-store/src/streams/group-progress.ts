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

  /** Resolves when everything published before the call has been handled. */
  async settle(): Promise<void> {
    const targets = new Map<number, number>();
    for (const { partition, endOffset } of await this.#source.positions(this.#topic, this.#group))
      targets.set(partition, endOffset);
    while (!(await this.#hasReached(targets))) await this.#change();
  }

  async #hasReached(targets: Map<number, number>): Promise<boolean> {
    this.#dropReached(targets);
    if (targets.size === 0 || this.#isStopped) return true;
    for (const { partition, committedOffset } of await this.#source.positions(this.#topic, this.#group)) {
      if (committedOffset >= (targets.get(partition) ?? 0)) targets.delete(partition);
    }
    this.#dropReached(targets);
    return targets.size === 0;
  }

  #dropReached(targets: Map<number, number>): void {
    for (const [partition, end] of targets) if ((this.#handled.get(partition) ?? 0) >= end) targets.delete(partition);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, POLL_MS);
      this.#waiting.add(wake);
    });
  }
}
