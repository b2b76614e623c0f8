import { deadLetterTopicOf, type EventBatch } from '@milonga/core';
import { expect, test } from 'vitest';
import { type EventLogSubject, message, messages, shown } from './event-log-subject.ts';
import { eventually, fresh, pause } from './expectations.ts';

/** Handlers that reject: redelivery, growing delays, dead letters. */
export function testFailures(it: EventLogSubject): void {
  test('a batch comes again, with the next attempt, until its handler resolves', async () => {
    const topic = await it.topic(1);
    await it.ends().sink.publish(topic, [message('a', 'k'), message('b', 'k')]);
    const attempts: (readonly [number, readonly string[], number])[] = [];
    await it.subscribe(topic, { group: fresh('group') }, async ({ attempt, events }) => {
      attempts.push([attempt, events.map(({ id }) => id), performance.now()]);
      if (attempt < 4) throw new Error('not yet');
    });
    await eventually(() => expect(attempts.length).toBe(4), it.withinMs);
    await pause(it.quietMs);
    expect(attempts.map(([attempt, ids]) => [attempt, ids])).toEqual(
      [1, 2, 3, 4].map((attempt) => [attempt, ['a', 'b']]),
    );
    const delays = attempts.slice(1).map(([, , at], i) => at - attempts[i]![2]);
    expect(delays[2]).toBeGreaterThan(delays[0]!);
  });

  test('a handler that throws at once fails as one that rejects', async () => {
    const topic = await it.topic(1);
    await it.ends().sink.publish(topic, [message('a')]);
    const attempts: number[] = [];
    await it.subscribe(topic, { group: fresh('group') }, ({ attempt }) => {
      attempts.push(attempt);
      if (attempt === 1) throw new Error('at once');
      return Promise.resolve();
    });
    await eventually(() => expect(attempts).toEqual([1, 2]), it.withinMs);
  });

  test('nothing of a partition overtakes a batch that is tried again; other partitions go on', async () => {
    const topic = await it.topic(2);
    await it.ends().sink.publish(topic, messages('e', 40, 20));
    const seen: EventBatch[] = [];
    let stuck: number | undefined;
    await it.subscribe(topic, { group: fresh('group'), maxBatchEvents: 5 }, async (batch) => {
      stuck ??= batch.partition;
      seen.push(batch);
      if (batch.partition === stuck && batch.attempt < 3) throw new Error('stuck');
    });
    await eventually(
      () => expect(new Set(seen.flatMap(({ events }) => events.map(({ id }) => id))).size).toBe(40),
      it.withinMs,
    );
    const ofStuck = seen.filter(({ partition }) => partition === stuck);
    const ids = ofStuck.flatMap(({ events, attempt }) =>
      attempt === 3 ? events.map(({ id }) => Number(id.slice(1))) : [],
    );
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect(ofStuck.slice(0, 3).map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  test('after the last attempt each event goes to the dead-letter topic, and the group goes on', async () => {
    const topic = await it.topic(1);
    const group = fresh('group');
    const original = [{ ...message('a', 'k'), headers: { own: 'kept' } }, message('b', 'k')];
    await it.ends().sink.publish(topic, original);
    let deliveries = 0;
    const handled: string[] = [];
    await it.subscribe(topic, { group, maxAttempts: 2 }, async ({ events }) => {
      if (events.some(({ id }) => id === 'a')) {
        deliveries += 1;
        throw new Error('the cause');
      }
      handled.push(...events.map(({ id }) => id));
    });
    await eventually(() => expect(deliveries).toBe(2), it.withinMs);
    const letters = await it.collect(deadLetterTopicOf(topic));
    await letters.reach(2);
    await it.ends().sink.publish(topic, [message('c', 'k')]);
    await eventually(() => expect(handled).toEqual(['c']), it.withinMs);
    await pause(it.quietMs);
    expect(deliveries).toBe(2);
    expect(letters.ids()).toEqual(['a', 'b']);
    letters.events.forEach((letter, i) => {
      const headers = letter.headers ?? {};
      expect(headers).toMatchObject({
        'milonga-cause': 'the cause',
        'milonga-topic': topic,
        'milonga-partition': '0',
        'milonga-group': group,
      });
      expect(headers['milonga-offset']).toBeDefined();
      if (it.hasPositions) expect(headers['milonga-offset']).toBe(String(i));
      expect(shown({ ...letter, headers: {} })).toEqual(shown({ ...original[i]!, headers: {} }));
    });
    expect(letters.events[0]?.headers?.own).toBe('kept');
  });

  test('closing while a batch waits to be tried again does not wait for it, and it comes to the next member', async () => {
    const topic = await it.topic(1);
    const group = fresh('group');
    await it.ends().sink.publish(topic, [message('a')]);
    let attempts = 0;
    const failing = await it.subscribe(topic, { group, maxAttempts: 50 }, async () => {
      attempts += 1;
      throw new Error('always');
    });
    await eventually(() => expect(attempts).toBeGreaterThanOrEqual(3), it.withinMs);
    await failing.close();
    const next = await it.collect(topic, { group });
    await next.reach(1);
    expect(next.ids()).toEqual(['a']);
  });
}
