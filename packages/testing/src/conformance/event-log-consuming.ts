import { expect, test } from 'vitest';
import { type EventLogSubject, gate, message, messages } from './event-log-subject.ts';
import { eventually, expectCode, fresh, pause } from './expectations.ts';

/** How events come: order, batches, back-pressure, the end of a subscription. */
export function testConsuming(it: EventLogSubject): void {
  testDelivery(it);
  testEnds(it);
}

function testDelivery(it: EventLogSubject): void {
  test('a consumer gets what was there, and what comes later', async () => {
    const topic = await it.topic();
    await it.ends().sink.publish(topic, [message('before')]);
    const collected = await it.collect(topic);
    await collected.reach(1);
    await it.ends().sink.publish(topic, [message('after')]);
    await it.other().sink.publish(topic, [message('from another client')]);
    await collected.reach(3);
    expect([...collected.ids()].sort()).toEqual(['after', 'before', 'from another client']);
  });

  test('a batch holds consecutive events of one partition, in order, never none and never more than asked', async () => {
    const topic = await it.topic(3);
    await it.ends().sink.publish(topic, messages('e', 500, 20));
    const collected = await it.collect(topic, { maxBatchEvents: 40 });
    await collected.reach(500);
    const next = new Map<number, number>();
    for (const { events, attempt, partition, topic: from } of collected.batches) {
      expect(from).toBe(topic);
      expect(attempt).toBe(1);
      expect(events.length).toBeGreaterThan(0);
      expect(events.length).toBeLessThanOrEqual(40);
      if (!it.hasPositions) continue;
      for (const { offset } of events) {
        expect(offset).toBeGreaterThanOrEqual(next.get(partition) ?? 0);
        next.set(partition, offset! + 1);
      }
    }
    expect(new Set(collected.ids()).size).toBe(500);
    expect(new Set(collected.batches.map(({ partition }) => partition)).size).toBeGreaterThan(1);
  });

  test('events of one key come from one partition', async () => {
    const topic = await it.topic(4);
    await it.ends().sink.publish(topic, messages('e', 300, 10));
    const collected = await it.collect(topic);
    await collected.reach(300);
    const partitions = new Map<string, Set<number>>();
    for (const { partition, events } of collected.batches) {
      for (const { key } of events) partitions.set(key, (partitions.get(key) ?? new Set()).add(partition));
    }
    for (const all of partitions.values()) expect(all.size).toBe(1);
  });

  test('back-pressure: one batch a partition while its handler runs; other partitions go on', async () => {
    const topic = await it.topic(3);
    await it.ends().sink.publish(topic, messages('e', 300, 30));
    const held = gate();
    const inside = new Map<number, number>();
    let calls = 0;
    await it.subscribe(topic, { group: fresh('group'), maxBatchEvents: 10 }, async ({ partition }) => {
      calls += 1;
      inside.set(partition, (inside.get(partition) ?? 0) + 1);
      expect(inside.get(partition)).toBe(1);
      await held.wait();
      inside.set(partition, inside.get(partition)! - 1);
    });
    await eventually(() => expect(inside.size).toBe(3), it.withinMs);
    await pause(it.quietMs);
    expect(calls).toBe(3);
    held.open();
    await eventually(() => expect(calls).toBeGreaterThanOrEqual(30), it.withinMs);
  });

  test("from 'latest' begins at what is published after; from 'earliest' at the first", async () => {
    const topic = await it.topic();
    await it.ends().sink.publish(topic, [message('old')]);
    const latest = await it.collect(topic, { from: 'latest' });
    const earliest = await it.collect(topic, { from: 'earliest' });
    await it.ends().sink.publish(topic, [message('new')]);
    await earliest.reach(2);
    await latest.reach(1);
    await pause(it.quietMs);
    expect(latest.ids()).toEqual(['new']);
    expect([...earliest.ids()].sort()).toEqual(['new', 'old']);
  });
}

function testEnds(it: EventLogSubject): void {
  test('close waits for the running handler, commits what it handled, and delivers nothing more', async () => {
    const topic = await it.topic(1);
    const group = fresh('group');
    await it.ends().sink.publish(topic, messages('e', 10, 1));
    const held = gate();
    let calls = 0;
    let isClosed = false;
    const subscription = await it.subscribe(topic, { group, maxBatchEvents: 5 }, async () => {
      calls += 1;
      await held.wait();
    });
    await eventually(() => expect(calls).toBe(1), it.withinMs);
    const closing = Promise.all([subscription.close(), subscription.close()]).then(() => {
      isClosed = true;
    });
    await pause(50);
    expect(isClosed).toBe(false);
    held.open();
    await closing;
    await subscription.ended;
    await it.ends().sink.publish(topic, [message('later')]);
    await pause(it.quietMs);
    expect(calls).toBe(1);
    const rest = await it.collect(topic, { group });
    await rest.reach(6);
    expect(rest.ids()).toEqual(['e5', 'e6', 'e7', 'e8', 'e9', 'later']);
  });

  test('a signal ends a subscription as close does', async () => {
    const topic = await it.topic(1);
    const controller = new AbortController();
    const collected = await it.collect(topic, { signal: controller.signal });
    await it.ends().sink.publish(topic, [message('a')]);
    await collected.reach(1);
    controller.abort();
    await collected.subscription.ended;
    await it.ends().sink.publish(topic, [message('b')]);
    await pause(it.quietMs);
    expect(collected.ids()).toEqual(['a']);
    await expectCode(
      it.ends().source.subscribe(topic, { group: 'g', signal: controller.signal }, async () => {}),
      'MILONGA_ABORTED',
    );
  });

  test('closing inside a handler does not lose its batch', async () => {
    const topic = await it.topic(1);
    const group = fresh('group');
    await it.ends().sink.publish(topic, messages('e', 4, 1));
    const controller = new AbortController();
    const first = await it.subscribe(topic, { group, maxBatchEvents: 2, signal: controller.signal }, async () =>
      controller.abort(),
    );
    await first.ended;
    const rest = await it.collect(topic, { group });
    await rest.reach(2);
    await pause(it.quietMs);
    expect(rest.ids()).toEqual(['e2', 'e3']);
  });
}
