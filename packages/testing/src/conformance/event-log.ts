import type { EventMessage, Subscription } from '@milonga/core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { faultyEventSink, faultyEventSource } from '../chaos/faulty-event-log.ts';
import { testConsuming } from './event-log-consuming.ts';
import { testFailures } from './event-log-failures.ts';
import { testGroups } from './event-log-groups.ts';
import { eventLogHistory } from './event-log-history.ts';
import {
  type EventLogConformance,
  type EventLogEnds,
  type EventLogSubject,
  idsByKey,
  message,
  messages,
  shown,
  subjectOf,
} from './event-log-subject.ts';
import { abortedSignal, bytes, eventually, expectCode, fresh, text } from './expectations.ts';
import { testUnderFaults, throughFaults } from './fault-run.ts';

/**
 * Checks every sentence of the `EventSink` and `EventSource` contracts.
 *
 * @example
 * ```ts
 * testEventLog('memory', { create: () => ({ sink, source }), close: async () => source.close() });
 * ```
 */
export function testEventLog(name: string, given: EventLogConformance): void {
  const options = throughFaults<EventLogEnds, EventLogConformance>(given, ({ sink, source }, plan) => ({
    sink: faultyEventSink(sink, plan),
    source: faultyEventSource(source, plan),
  }));
  describe(`${name} conforms to EventSink and EventSource`, () => {
    let ends: EventLogEnds;
    let other: EventLogEnds;
    const running = new Set<Subscription>();
    beforeAll(async () => {
      ends = await options.create();
      other = (await options.another?.()) ?? ends;
    });
    afterEach(async () => {
      await Promise.all([...running].map((subscription) => subscription.close()));
      running.clear();
    });
    afterAll(async () => {
      if (other !== ends) await options.close(other);
      await options.close(ends);
    });
    const it = subjectOf(
      options,
      () => ends,
      () => other,
      running,
    );
    describe('publishing', () => testPublishing(it));
    describe('consuming', () => testConsuming(it));
    describe('failing handlers', () => testFailures(it));
    describe('groups', () => testGroups(it));
    describe('calls', () => testCalls(it));
    testUnderFaults(options.chaos, 'what was acknowledged is delivered, in order', (run) => eventLogHistory(it, run));
  });
}

function testPublishing(it: EventLogSubject): void {
  test('one outcome per event; an empty batch has none', async () => {
    const topic = await it.topic();
    const outcomes = await it.ends().sink.publish(topic, messages('e', 5, 2));
    expect(outcomes).toEqual(new Array(5).fill({ status: 'acknowledged' }));
    expect(await it.ends().sink.publish(topic, [])).toEqual([]);
  });

  test('an event arrives as it was published: text, times, headers, bytes', async () => {
    const topic = await it.topic();
    const own = bytes('before');
    const events: readonly EventMessage[] = [
      { id: 'ascii', key: 'k', eventAt: 1.5, ingestedAt: 2.25, value: Uint8Array.from({ length: 256 }, (_, i) => i) },
      {
        id: 'événement-鍵-🔑',
        key: 'ключ',
        eventAt: -1,
        ingestedAt: 1_700_000_000_000,
        value: new Uint8Array(),
        headers: { 'x-größe': '10 €', empty: '' },
      },
      { id: 'x'.repeat(300), key: 'y'.repeat(300), eventAt: 0, ingestedAt: 0, value: bytes('long names') },
      { id: 'own', key: '', eventAt: 0, ingestedAt: 0, value: own },
    ];
    const expected = events.map(shown);
    await it.ends().sink.publish(topic, events);
    own.fill(0);
    const collected = await it.collect(topic);
    await collected.reach(events.length);
    const byId = new Map(collected.events.map((event) => [event.id, shown(event)]));
    expect(events.map(({ id }) => byId.get(id))).toEqual(expected);
    expect(Buffer.compare(collected.events.find(({ id }) => id === 'ascii')!.value, events[0]!.value)).toBe(0);
  });

  test('large events among small ones', async () => {
    const topic = await it.topic(1);
    const large = new Uint8Array(900_000).fill(5);
    await it.ends().sink.publish(topic, [message('1'), { ...message('2'), value: large }, message('3')]);
    const collected = await it.collect(topic);
    await collected.reach(3);
    expect(collected.ids()).toEqual(['1', '2', '3']);
    expect(Buffer.compare(collected.events[1]!.value, large)).toBe(0);
  });

  test('events of one key keep the order of the calls and, within a call, of the array', async () => {
    const topic = await it.topic(4);
    const calls = Array.from({ length: 20 }, (_, call) => messages(`${String(call).padStart(2, '0')}-`, 50, 7));
    await Promise.all(calls.map((events) => it.ends().sink.publish(topic, events)));
    const collected = await it.collect(topic);
    await collected.reach(1_000);
    expect(idsByKey(collected.events)).toEqual(
      new Map([...idsByKey(calls.flat())].sort(byFirst(collected.events.map(({ key }) => key)))),
    );
  });

  test('a call may follow in the very moment in which the last one is acknowledged', async () => {
    const topic = await it.topic(2);
    const calls = Array.from({ length: 100 }, (_, call) => messages(`${call}-`, 3, 2));
    for (const events of calls) await it.ends().sink.publish(topic, events);
    const collected = await it.collect(topic);
    await collected.reach(300);
    const got = idsByKey(collected.events);
    for (const [key, ids] of idsByKey(calls.flat())) expect(got.get(key)).toEqual(ids);
  });

  test('twenty thousand events in one call arrive once each and in order', async () => {
    const topic = await it.topic(4);
    const events = messages('e', 20_000, 50);
    const outcomes = await it.ends().sink.publish(topic, events);
    expect(outcomes.length).toBe(20_000);
    expect(outcomes.every(({ status }) => status === 'acknowledged')).toBe(true);
    const collected = await it.collect(topic);
    await collected.reach(20_000);
    const got = idsByKey(collected.events);
    for (const [key, ids] of idsByKey(events)) expect(got.get(key)).toEqual(ids);
  });

  test('an id that is published again is safe: consumers see it once or twice, and everything else once', async () => {
    const topic = await it.topic();
    await it.ends().sink.publish(topic, [message('a'), message('b')]);
    await it.ends().sink.publish(topic, [message('b'), message('c')]);
    const collected = await it.collect(topic);
    await eventually(() => expect([...new Set(collected.ids())].sort()).toEqual(['a', 'b', 'c']), it.withinMs);
    expect(
      collected
        .ids()
        .filter((id) => id !== 'b')
        .sort(),
    ).toEqual(['a', 'c']);
  });

  test('publishers of two clients lose nothing and keep the order of each', async () => {
    const topic = await it.topic(2);
    const publish = async (from: 'ends' | 'other'): Promise<void> => {
      for (let i = 0; i < 40; i += 1)
        await it[from]().sink.publish(topic, [message(`${from}-${String(i).padStart(2, '0')}`, 'one-key', from)]);
    };
    await Promise.all([publish('ends'), publish('other')]);
    const collected = await it.collect(topic);
    await collected.reach(80);
    for (const from of ['ends', 'other']) {
      const ids = collected.events.filter(({ value }) => text(value) === from).map(({ id }) => id);
      expect(ids).toEqual(Array.from({ length: 40 }, (_, i) => `${from}-${String(i).padStart(2, '0')}`));
    }
  });
}

const byFirst =
  (order: readonly string[]) =>
  ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
    order.indexOf(a) - order.indexOf(b);

function testCalls(it: EventLogSubject): void {
  test('ensureTopics is idempotent; an existing topic keeps its partitions and its events', async () => {
    const topic = await it.topic(3);
    await it.ends().sink.publish(topic, messages('e', 9, 9));
    await it
      .ends()
      .sink.ensureTopics([{ name: topic, partitions: 3 }, { name: topic, partitions: 5 }, { name: topic }]);
    const positions = await it.ends().source.positions(topic, 'g');
    expect(positions.map(({ partition }) => partition)).toEqual([0, 1, 2]);
    const collected = await it.collect(topic);
    await collected.reach(9);
  });

  test('a cancelled publish rejects with MILONGA_ABORTED', async () => {
    const topic = await it.topic();
    await expectCode(it.ends().sink.publish(topic, [message('a')], { signal: abortedSignal() }), 'MILONGA_ABORTED');
  });

  test('after close every call rejects with MILONGA_CLOSED, and subscriptions have ended', async () => {
    const ends = await (it.options.another ?? it.options.create)();
    const topic = fresh('topic');
    await ends.sink.ensureTopics([{ name: topic }]);
    const subscription = await ends.source.subscribe(topic, { group: 'g' }, async () => {});
    await it.options.close(ends);
    await subscription.ended;
    await expectCode(ends.sink.publish(topic, [message('a')]), 'MILONGA_CLOSED');
    await expectCode(ends.sink.ensureTopics([{ name: topic }]), 'MILONGA_CLOSED');
    await expectCode(
      ends.source.subscribe(topic, { group: 'g' }, async () => {}),
      'MILONGA_CLOSED',
    );
    await expectCode(ends.source.positions(topic, 'g'), 'MILONGA_CLOSED');
    await subscription.close();
  });
}
