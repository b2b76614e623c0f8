import { type EventDefinition, type Lake, type Logger, lakeTableOf, messageOf } from '@milonga/core';

/** When small files of a table are merged. */
export interface CompactionOptions {
  /** How often, in real time. Default: 10 minutes. */
  readonly compactEveryMs?: number;
  /** After how many appends, if that comes earlier: a query opens every file. Default: 16. */
  readonly compactEveryAppends?: number;
}

/** Merges the small files of one event's table beside the appends, one merge at a time. */
export class Compaction {
  readonly #event: EventDefinition;
  readonly #ports: { readonly lake: Lake; readonly log: Logger };
  readonly #everyAppends: number;
  readonly #timer: NodeJS.Timeout;
  #appends = 0;
  #running: Promise<void> | undefined;

  constructor(
    event: EventDefinition,
    ports: { readonly lake: Lake; readonly log: Logger },
    { compactEveryMs = 600_000, compactEveryAppends = 16 }: CompactionOptions,
  ) {
    this.#event = event;
    this.#ports = ports;
    this.#everyAppends = compactEveryAppends;
    this.#timer = setInterval(() => this.#start(), compactEveryMs);
    this.#timer.unref();
  }

  /** The table has one more file. */
  appended(): void {
    this.#appends += 1;
    if (this.#appends >= this.#everyAppends) this.#start();
  }

  /** Does nothing while a merge is under way: the next append, or the timer, comes back to it. */
  #start(): void {
    if (this.#running !== undefined) return;
    this.#appends = 0;
    const { lake, log } = this.#ports;
    this.#running = lake
      .compact(lakeTableOf(this.#event).name)
      .then(() => {})
      .catch((error: unknown) =>
        log.warn('The lake could not be compacted; it is tried again', {
          event: this.#event.name,
          error: messageOf(error),
        }),
      )
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Resolves when nothing is being merged any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }
}
