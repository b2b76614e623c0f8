import type { RedisClient, RedisSettings } from '../redis-options.ts';
import { type OpenedClient, openClient } from './open-client.ts';

/** A client that several ports use. */
export interface Connection {
  readonly client: RedisClient;
  /** What went wrong with a connection last: says more than that a call came to no end. */
  lastError(): Error | undefined;
  /** Gives it back; it is closed with the last one, unless it is the user's. Idempotent. */
  release(): void;
}

/** One client for all ports of an adapter, opened for the first and closed after the last. */
export class SharedConnection {
  readonly #settings: RedisSettings;
  #opened: Promise<OpenedClient> | undefined;
  #users = 0;
  #lastError: Error | undefined;

  constructor(settings: RedisSettings) {
    this.#settings = settings;
  }

  async take(): Promise<Connection> {
    this.#users += 1;
    this.#opened ??= this.#open();
    try {
      const { client } = await this.#opened;
      let isHeld = true;
      const release = (): void => {
        if (isHeld) this.#give();
        isHeld = false;
      };
      return { client, lastError: () => this.#lastError, release };
    } catch (error) {
      this.#users -= 1;
      this.#opened = undefined;
      throw error;
    }
  }

  async #open(): Promise<OpenedClient> {
    const opened = await openClient(this.#settings);
    if (!opened.isOurs) return opened;
    const remember = (error: Error & { readonly lastNodeError?: Error }): void => {
      this.#lastError = error.lastNodeError ?? error;
    };
    opened.client.on('error', remember);
    opened.client.on('node error', remember);
    return opened;
  }

  #give(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    const opened = this.#opened;
    this.#opened = undefined;
    void opened?.then(({ client, isOurs }) => {
      if (isOurs) client.disconnect();
    });
  }
}
