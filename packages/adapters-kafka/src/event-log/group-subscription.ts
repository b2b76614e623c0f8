import { type Logger, MilongaError, type Subscription } from '@milonga/core';
import type { KafkaFailure } from '../client/kafka-client.ts';
import { portError } from './failures.ts';
import { GroupSession, type SessionOptions } from './group-session.ts';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

/** What a {@link GroupSubscription} is given. */
export interface GroupSubscriptionOptions extends SessionOptions {
  readonly signal: AbortSignal | undefined;
}

/** A member of a group at work, in one session after another: a session that fails is followed by the next. */
export class GroupSubscription implements Subscription {
  readonly ended: Promise<void>;
  readonly #options: GroupSubscriptionOptions;
  readonly #logger: Logger;
  readonly #joined = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<undefined>();
  #closing: Promise<void> | undefined;

  constructor(options: GroupSubscriptionOptions) {
    this.#options = options;
    this.#logger = options.logger;
    const { signal } = options;
    signal?.addEventListener('abort', this.#abort, { once: true });
    this.ended = this.#run().finally(() => {
      signal?.removeEventListener('abort', this.#abort);
      this.#joined.resolve();
    });
    this.ended.catch(() => {}); // Whoever awaits `ended` sees it; nobody has to.
    if (signal?.aborted) this.#abort();
  }

  /** Resolves when it reads for the first time, or has ended before it could. */
  get joined(): Promise<void> {
    return this.#joined.promise;
  }

  readonly #abort = (): void => void this.close();

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopped.resolve(undefined);
    await this.ended.catch(() => {}); // `ended` tells.
  }

  async #run(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const session = new GroupSession(this.#options);
      void session.joined.then(() => {
        attempt = 1;
        this.#joined.resolve();
      });
      void session.start();
      const failure = await Promise.race([session.failure, this.#stopped.promise]);
      await session.stop();
      if (failure === undefined || this.#closing !== undefined) return;
      if (isHopeless(failure)) throw portError('MILONGA_EVENT_SOURCE_UNAVAILABLE', failure);
      const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);
      const { topic, group } = this.#options.settings;
      this.#logger.warn('A consumer failed; another one takes its place', {
        topic,
        group,
        delayMs,
        cause: failure.message,
      });
      await Promise.race([new Promise((resolve) => setTimeout(resolve, delayMs)), this.#stopped.promise]);
      if (this.#closing !== undefined) return;
    }
  }
}

/** Whether waiting does not help. A topic that is missing may come: brokers that start do not know all of them at once. */
const isHopeless = ({ kind, cause }: KafkaFailure): boolean =>
  kind === 'denied' || kind === 'invalid' || MilongaError.isInstance(cause);
