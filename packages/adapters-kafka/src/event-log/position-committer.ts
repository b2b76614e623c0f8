import { KafkaFailure } from '../client/kafka-client.ts';

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 1_000;

/** What a {@link PositionCommitter} works on. */
export interface CommitterOptions {
  readonly commit: (offsets: ReadonlyMap<number, number>) => Promise<void>;
  /** The partitions may be somebody else's by now. */
  readonly lost: (failure: KafkaFailure) => void;
}

/**
 * Stores how far a member has come, beside its handlers: one request at a time, for all partitions that moved meanwhile.
 * It is tried again while no broker answers.
 */
export class PositionCommitter {
  readonly #options: CommitterOptions;
  readonly #moved = new Map<number, number>();
  #running: Promise<void> | undefined;
  #isAbandoned = false;

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#running === undefined;
  }

  /** Every event of the partition before `next` is handled. */
  moved(partition: number, next: number): void {
    if (this.#isAbandoned) return;
    this.#moved.set(partition, next);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // partitions that moved in the same turn go together
    try {
      await this.#commitAll();
    } finally {
      this.#running = undefined; // in the turn that found nothing to do: what moves after that begins anew
    }
  }

  async #commitAll(): Promise<void> {
    for (let attempt = 1; this.#moved.size > 0 && !this.#isAbandoned; ) {
      const offsets = new Map(this.#moved);
      this.#moved.clear();
      try {
        await this.#options.commit(offsets);
        attempt = 1;
      } catch (error) {
        if (error instanceof KafkaFailure && error.kind === 'lost') return this.#lose(error);
        for (const [partition, next] of offsets) if (!this.#moved.has(partition)) this.#moved.set(partition, next);
        const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);
        await new Promise((resolve) => setTimeout(resolve, delayMs));
        attempt += 1;
      }
    }
  }

  #lose(failure: KafkaFailure): void {
    this.#moved.clear();
    this.#options.lost(failure);
  }

  /** Waits until everything is stored or lost, `limitMs` at most. */
  async flush(limitMs: number): Promise<void> {
    if (this.#running === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    await Promise.race([this.#running, limit]);
    clearTimeout(timer);
  }

  /** Nothing more is stored: the member is gone. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#moved.clear();
  }
}
