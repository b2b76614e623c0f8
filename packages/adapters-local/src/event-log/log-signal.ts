/** Somebody who waits for events of a partition. */
export interface Waiter {
  readonly topicId: number;
  /** True when there is something to read; asked by the poll. */
  isReady(): boolean;
  wake(): void;
}

/** How soon events that another process published are noticed. */
const POLL_MS = 20;

/**
 * Wakes consumers: at once for what this process published, by a poll for what others did. The poll runs only while
 * somebody waits, and then keeps the process alive: a consumer is work.
 */
export class LogSignal {
  readonly #waiters = new Set<Waiter>();
  readonly #groupListeners = new Map<string, Set<() => void>>();
  #poll: NodeJS.Timeout | undefined;

  add(waiter: Waiter): void {
    this.#waiters.add(waiter);
    this.#poll ??= setInterval(() => this.#look(), POLL_MS);
  }

  remove(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    if (this.#waiters.size > 0) return;
    clearInterval(this.#poll);
    this.#poll = undefined;
  }

  published(topicId: number): void {
    for (const waiter of [...this.#waiters]) if (waiter.topicId === topicId && waiter.isReady()) waiter.wake();
  }

  /** Tells the other members of a group in this process that somebody came or went. */
  groupChanged(group: string): void {
    for (const listener of [...(this.#groupListeners.get(group) ?? [])]) listener();
  }

  onGroupChange(group: string, listener: () => void): () => void {
    const listeners = this.#groupListeners.get(group) ?? new Set();
    this.#groupListeners.set(group, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#groupListeners.delete(group);
    };
  }

  #look(): void {
    for (const waiter of [...this.#waiters]) if (waiter.isReady()) waiter.wake();
  }
}
