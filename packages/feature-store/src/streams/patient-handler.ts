import { setTimeout as wait } from 'node:timers/promises';
import { type EventBatch, type Logger, MilongaError, messageOf } from '@milonga/core';

/** Before the first retry, in real time; doubles with each. */
const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 5_000;

/** What a patient handler needs. */
export interface PatienceOptions {
  readonly group: string;
  readonly log: Logger;
  /** Ends the waiting: the batch is not handled, and is delivered again to whoever comes next. */
  readonly signal: AbortSignal;
}

/**
 * Handles a batch again and again while what fails is a store that is full or away. Dead letters are for events that nobody
 * can handle; an outage, however long, is no fault of the events, and they must count when it is over.
 */
export function patient(
  handle: (batch: EventBatch) => Promise<void>,
  { group, log, signal }: PatienceOptions,
): (batch: EventBatch) => Promise<void> {
  return async (batch) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await handle(batch);
      } catch (error) {
        const isOutage = MilongaError.isInstance(error) && error.isRetryable;
        log[isOutage ? 'warn' : 'error'](
          isOutage ? 'A store is full or away; the batch waits' : 'A batch could not be handled',
          {
            group,
            partition: batch.partition,
            firstOffset: batch.events[0]?.offset,
            events: batch.events.length,
            attempt: isOutage ? attempt : batch.attempt,
            error: messageOf(error),
          },
        );
        if (!isOutage || signal.aborted) throw error;
        await wait(delayAfter(attempt), undefined, { signal }).catch(() => {});
        if (signal.aborted) throw error;
      }
    }
  };
}

/** Differs a little, so that partitions that failed together do not all come back together. */
const delayAfter = (attempt: number): number =>
  Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS) * (0.9 + Math.random() * 0.2);
