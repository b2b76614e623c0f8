import { MilongaError } from '@milonga/core';
import type { Admin } from 'kafkajs';
import { KafkaFailure } from './kafka-client.ts';
import { failureOf } from './kafkajs-errors.ts';

const LIMIT_MS = 60_000;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 1_000;

/**
 * One administrative connection, made when it is needed first. kafkajs gives up such calls as soon as a connection
 * breaks; here they are tried again over a new one, for up to a minute.
 */
export class AdminSession {
  readonly #create: () => Promise<Admin>;
  readonly #closing = Promise.withResolvers<never>();
  #admin: Promise<Admin> | undefined;
  #isClosed = false;

  constructor(create: () => Promise<Admin>) {
    this.#create = create;
    this.#closing.promise.catch(() => {}); // Only those who wait are told.
  }

  /** Rejects with a {@link KafkaFailure}, or `MILONGA_CLOSED` when closed meanwhile. */
  async call<T>(what: string, work: (admin: Admin) => Promise<T>): Promise<T> {
    const endsAt = performance.now() + LIMIT_MS;
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS)) {
      const admin = this.#open();
      try {
        return await Promise.race([admin.then(work), this.#closing.promise]);
      } catch (error) {
        if (MilongaError.isInstance(error)) throw error;
        const failure = failureOf(error, what);
        if (failure.kind !== 'unavailable') throw failure;
        this.#discard(admin);
        if (performance.now() > endsAt) throw failure;
        await Promise.race([new Promise((resolve) => setTimeout(resolve, delayMs)), this.#closing.promise]);
      }
    }
  }

  #open(): Promise<Admin> {
    this.#admin ??= this.#create().then(async (admin) => {
      await admin.connect();
      if (this.#isClosed) await admin.disconnect();
      return admin;
    });
    return this.#admin;
  }

  #discard(admin: Promise<Admin>): void {
    if (this.#admin === admin) this.#admin = undefined;
    admin.then((opened) => opened.disconnect()).catch(() => {}); // It is of no use any more.
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#closing.reject(new MilongaError('MILONGA_CLOSED', 'The Kafka connection was closed.'));
    const admin = this.#admin;
    this.#admin = undefined;
    // A connection that is still being made is closed as soon as it is there.
    const closed = admin?.then((opened) => opened.disconnect()).catch(() => {});
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 2_000).unref())]);
  }
}
