import {
  type EventBatch,
  type EventSource,
  type Logger,
  METRICS,
  measure,
  messageOf,
  type RunningRole,
} from '@milonga/core';
import { GroupProgress } from './group-progress.ts';
import { patient } from './patient-handler.ts';

/** How often the lag of a group is measured, in real time. */
const LAG_EVERY_MS = 10_000;

/** What a consumer needs. */
export interface ConsumerPorts {
  readonly source: EventSource;
  readonly log: Logger;
  readonly signal?: AbortSignal;
}

/** Which events it handles, and as whom. */
export interface ConsumerOptions {
  readonly topic: string;
  readonly group: string;
  readonly maxBatchEvents?: number;
}

/** A consumer at work; also the running role of one view or event. */
export type RunningConsumer = Required<Pick<RunningRole, 'settle' | 'stop' | 'notReady'>>;

/** Handles the events of a topic as a group, and knows how far the group has come. */
export async function runConsumer(
  ports: ConsumerPorts,
  { topic, group, maxBatchEvents }: ConsumerOptions,
  handle: (batch: EventBatch) => Promise<void>,
): Promise<RunningConsumer> {
  const { source, log, signal } = ports;
  const progress = new GroupProgress(source, topic, group);
  const limits = { ...(maxBatchEvents !== undefined && { maxBatchEvents }), ...(signal && { signal }) };
  const stopping = new AbortController();
  const ending = signal === undefined ? stopping.signal : AbortSignal.any([signal, stopping.signal]);
  const handlePatiently = patient(handle, { group, log, signal: ending });
  const subscription = await source.subscribe(topic, { group, ...limits }, async (batch) => {
    await handlePatiently(batch);
    progress.handled(batch);
  });
  let failure: string | undefined;
  subscription.ended.catch((error: unknown) => {
    failure = `The consumer group "${group}" has ended: ${messageOf(error)}`;
    log.error('A consumer group has ended by a failure', { group, topic, error: messageOf(error) });
    progress.fail(error);
  });
  const timer = setInterval(() => void measureLag(source, topic, group).catch(() => {}), LAG_EVERY_MS); // a log that is away shows elsewhere
  timer.unref();
  return {
    notReady: () => failure,
    settle: () => progress.settle(),
    stop: async () => {
      clearInterval(timer);
      progress.stop();
      stopping.abort();
      await subscription.close();
    },
  };
}

async function measureLag(source: EventSource, topic: string, group: string): Promise<void> {
  let lag = 0;
  for (const { committedOffset, endOffset } of await source.positions(topic, group)) lag += endOffset - committedOffset;
  measure(METRICS.eventLag!, lag, { 'event.type': topic, group });
}

/** Some consumers side by side, as one. When one cannot start, those that did are stopped. */
export async function together(starting: readonly Promise<RunningConsumer>[]): Promise<RunningConsumer> {
  const settled = await Promise.allSettled(starting);
  const running = settled.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  const failure = settled.find((one) => one.status === 'rejected');
  if (failure !== undefined) {
    await Promise.allSettled(running.map((one) => one.stop()));
    throw failure.reason;
  }
  return {
    notReady: () => running.flatMap((one) => one.notReady() ?? [])[0],
    settle: async () => void (await Promise.all(running.map((one) => one.settle()))),
    stop: async () => void (await Promise.all(running.map((one) => one.stop()))),
  };
}
