import type { ErrorCode, EventMessage, EventSink, ReceivedEvent } from '@milonga/core';
import { expect } from 'vitest';
import { faultyEventSink, faultyEventSource } from '../chaos/faulty-event-log.ts';
import { type EventLogEnds, type EventLogSubject, idsByKey, message } from './event-log-subject.ts';
import { eventually, fresh, text } from './expectations.ts';
import type { FaultRun } from './fault-run.ts';

const codes: readonly ErrorCode[] = ['MILONGA_EVENT_SINK_UNAVAILABLE', 'MILONGA_STORAGE_FULL'];

/** Publishers and a group whose handlers fail and whose member is replaced: what was acknowledged is delivered, in order. */
export async function eventLogHistory(it: EventLogSubject, run: FaultRun): Promise<void> {
  const topic = await it.topic(3);
  const publishers = ['x', 'y', 'z'].map(
    (key) => new Publisher(faultyEventSink(it.ends().sink, run.plan), run, topic, key),
  );
  const received: ReceivedEvent[] = [];
  const options = { group: fresh('group'), maxBatchEvents: 7, maxAttempts: 1_000 };
  const join = (at: EventLogEnds) =>
    it.subscribe(topic, options, async ({ events }) => void received.push(...events), {
      sink: at.sink,
      source: faultyEventSource(at.source, run.plan),
    });
  const first = await join(it.ends());
  const replaced = (async () => {
    await new Promise((resolve) => setTimeout(resolve, 150));
    await first.close();
    await join(it.other());
  })();
  await run.disturbed([...publishers.map((publisher) => publisher.publish()), replaced]);
  const acknowledged = publishers.flatMap((publisher) => publisher.acknowledged);
  await eventually(() => {
    const got = new Set(received.map(({ id }) => id));
    expect(
      acknowledged.filter((id) => !got.has(id)),
      'acknowledged events that were not delivered',
    ).toEqual([]);
  }, it.withinMs);
  const sent = new Map(publishers.flatMap((publisher) => [...publisher.sent].map((event) => [event.id, event])));
  for (const event of received) {
    expect(sent.has(event.id), `the event "${event.id}", which nobody published`).toBe(true);
    expect(text(event.value)).toBe(text(sent.get(event.id)!.value));
    expect(event.key).toBe(sent.get(event.id)!.key);
  }
  const wanted = new Set(acknowledged);
  const order = idsByKey([
    ...new Map(received.filter(({ id }) => wanted.has(id)).map((event) => [event.id, event])).values(),
  ]);
  for (const publisher of publishers)
    expect(order.get(publisher.key) ?? [], 'acknowledged events of one key, in their order').toEqual(
      publisher.acknowledged,
    );
}

/** Publishes the events of one key, a few at a time; none is sent twice. */
class Publisher {
  readonly key: string;
  readonly sent: EventMessage[] = [];
  readonly acknowledged: string[] = [];
  readonly #sink: EventSink;
  readonly #run: FaultRun;
  readonly #topic: string;

  constructor(sink: EventSink, run: FaultRun, topic: string, key: string) {
    this.#sink = sink;
    this.#run = run;
    this.#topic = topic;
    this.key = key;
  }

  async publish(): Promise<void> {
    for (let round = 0; round < this.#run.rounds; round += 1) {
      const events = [0, 1, 2].map((i) => message(`${this.key}-${round * 3 + i}`, this.key, `value of ${round}/${i}`));
      this.sent.push(...events);
      const outcome = await this.#run.call('publish', this.#sink.publish(this.#topic, events), codes);
      if ('failed' in outcome) continue;
      expect(outcome.value.length).toBe(events.length);
      outcome.value.forEach((one, i) => {
        if (one.status === 'acknowledged') this.acknowledged.push(events[i]!.id);
        else expect(one.isRetryable).toBe(true);
      });
    }
  }
}
