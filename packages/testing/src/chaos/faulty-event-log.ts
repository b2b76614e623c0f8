import { type EventBatch, type EventSink, type EventSource, MilongaError, type PublishOutcome } from '@milonga/core';
import type { FaultPlan } from './fault-plan.ts';
import { faultyCall } from './faulty-call.ts';
import { cancellable } from './faulty-online-store.ts';

/**
 * An `EventSink` that meets the faults of a plan. Half a batch shows as outcomes that failed. A recovering plan publishes
 * one call at a time to each topic, as a producer must that retries and keeps order.
 */
export function faultyEventSink(sink: EventSink, plan: FaultPlan): EventSink {
  const unavailable = 'MILONGA_EVENT_SINK_UNAVAILABLE';
  const last = new Map<string, Promise<unknown>>();
  const publish: EventSink['publish'] = (topic, events, { signal } = {}) =>
    faultyCall(plan, {
      method: 'EventSink.publish',
      unavailable,
      isIdempotent: false,
      signal,
      invoke: (until) => sink.publish(topic, events, cancellable(until)),
    });
  const inTwoParts: EventSink['publish'] = async (topic, events, options) => {
    const isHalved = events.length > 1 && plan.next('EventSink.publish half', ['half-apply']).fault;
    if (!isHalved) return publish(topic, events, options);
    const middle = Math.floor(events.length / 2);
    const done = await publish(topic, events.slice(0, middle), options);
    if (plan.isRecovering) return [...done, ...(await publish(topic, events.slice(middle), options))];
    const error = new MilongaError(unavailable, 'EventSink.publish took half by a fault that was asked for.', {
      isRetryable: true,
    });
    return [
      ...done,
      ...events.slice(middle).map((): PublishOutcome => ({ status: 'failed', error, isRetryable: true })),
    ];
  };
  return {
    ensureTopics: (topics) =>
      faultyCall(plan, {
        method: 'EventSink.ensureTopics',
        unavailable,
        isIdempotent: true,
        signal: undefined,
        invoke: () => sink.ensureTopics(topics),
      }),
    publish: (topic, events, options = {}) => {
      if (!plan.isRecovering) return inTwoParts(topic, events, options);
      const mine = (last.get(topic) ?? Promise.resolve()).then(() => inTwoParts(topic, events, options));
      last.set(
        topic,
        mine.catch(() => {}),
      );
      return mine;
    },
  };
}

/**
 * An `EventSource` that meets the faults of a plan: handlers begin late and, unless the plan is recovering, fail before or
 * after they did their work.
 */
export function faultyEventSource(source: EventSource, plan: FaultPlan): EventSource {
  const call = <T>(method: string, signal: AbortSignal | undefined, invoke: () => Promise<T>): Promise<T> =>
    faultyCall(plan, {
      method: `EventSource.${method}`,
      unavailable: 'MILONGA_EVENT_SOURCE_UNAVAILABLE',
      isIdempotent: method === 'positions',
      signal,
      invoke,
    });
  return {
    subscribe: (topic, options, handler) => {
      const subscribe = () => source.subscribe(topic, options, (batch) => faultyHandler(plan, handler, batch));
      return plan.isRecovering ? call('subscribe', options.signal, subscribe) : subscribe();
    },
    positions: (topic, group) => call('positions', undefined, () => source.positions(topic, group)),
    ...(source.caughtUp === undefined
      ? {}
      : { caughtUp: (topic, group, options) => source.caughtUp!(topic, group, options) }),
  };
}

async function faultyHandler(
  plan: FaultPlan,
  handler: (batch: EventBatch) => Promise<void>,
  batch: EventBatch,
): Promise<void> {
  const { fault, shape } = plan.next('handler', plan.isRecovering ? ['delay'] : ['delay', 'fail-before', 'fail-after']);
  if (fault === 'delay') await new Promise((resolve) => setTimeout(resolve, shape * plan.maxDelayMs));
  if (fault === 'fail-before') throw new Error('The handler was not called, by a fault that was asked for.');
  await handler(batch);
  if (fault === 'fail-after') throw new Error('The handler was taken for failed, by a fault that was asked for.');
}
