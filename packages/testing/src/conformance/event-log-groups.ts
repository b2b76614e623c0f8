import { expect, test } from 'vitest';
import { type EventLogSubject, gate, message, messages } from './event-log-subject.ts';
import { eventually, expectCode, fresh, pause } from './expectations.ts';

/** Groups: what each sees, what members share, where a group stands. */
export function testGroups(it: EventLogSubject): void {
  testMembers(it);
  testPositions(it);
}

function testMembers(it: EventLogSubject): void {
  test('each group sees every event', async () => {
    const topic = await it.topic();
    const groups = [await it.collect(topic), await it.collect(topic, {}, it.other())];
    await it.ends().sink.publish(topic, messages('e', 60, 6));
    for (const group of groups) {
      await group.reach(60);
      expect(new Set(group.ids()).size).toBe(60);
    }
  });

  test('a group goes on where it was, also on another client', async () => {
    const topic = await it.topic();
    const group = fresh('group');
    await it.ends().sink.publish(topic, messages('a', 30, 6));
    const first = await it.collect(topic, { group });
    await first.reach(30);
    await first.subscription.close();
    await it.ends().sink.publish(topic, messages('b', 30, 6));
    const second = await it.collect(topic, { group }, it.other());
    await second.reach(30);
    await pause(it.quietMs);
    expect(second.ids().length).toBe(30);
    expect(second.ids().every((id) => id.startsWith('b'))).toBe(true);
  });

  test('members of a group share the partitions, and one takes over when the other leaves', async () => {
    const topic = await it.topic(4);
    const group = fresh('group');
    const one = await it.collect(topic, { group });
    const two = await it.collect(topic, { group }, it.other());
    let round = 0;
    await eventually(async () => {
      round += 1;
      await it.ends().sink.publish(topic, messages(`${round}-`, 40, 40));
      await pause(100);
      expect(Math.min(partitionsOf(one).size, partitionsOf(two).size)).toBeGreaterThan(0);
    }, it.withinMs);
    const published = round * 40;
    await eventually(() => expect(new Set([...one.ids(), ...two.ids()]).size).toBe(published), it.withinMs);
    const before = two.events.length;
    await one.subscription.close();
    await it.ends().sink.publish(topic, messages('last-', 40, 40));
    await eventually(
      () => expect(new Set(two.ids().filter((id) => id.startsWith('last-'))).size).toBe(40),
      it.withinMs,
    );
    expect(two.events.length).toBeGreaterThan(before);
  });

  test('a member that joins never gets a batch that another one is handling', async () => {
    const topic = await it.topic(1);
    const group = fresh('group');
    await it.ends().sink.publish(topic, [message('a')]);
    const held = gate();
    const deliveries: string[] = [];
    const first = await it.subscribe(topic, { group }, async () => {
      deliveries.push('first');
      await held.wait();
    });
    await eventually(() => expect(deliveries).toEqual(['first']), it.withinMs);
    await it.subscribe(topic, { group }, async () => void deliveries.push('second'), it.other());
    await pause(it.quietMs * 4);
    held.open();
    await first.close();
    await pause(it.quietMs);
    expect(deliveries).toEqual(['first']);
  });
}

const partitionsOf = ({
  batches,
}: {
  readonly batches: readonly { readonly partition: number }[];
}): ReadonlySet<number> => new Set(batches.map(({ partition }) => partition));

function testPositions(it: EventLogSubject): void {
  test.runIf(it.hasPositions && (it.options.knowsEnd ?? true))(
    'positions tell what is handled and what is there, one entry per partition',
    async () => {
      const topic = await it.topic(3);
      const group = fresh('group');
      await it.ends().sink.publish(topic, messages('e', 90, 30));
      const before = await it.ends().source.positions(topic, group);
      expect(before.map(({ partition }) => partition)).toEqual([0, 1, 2]);
      expect(before.map(({ committedOffset }) => committedOffset)).toEqual([0, 0, 0]);
      expect(sum(before.map(({ endOffset }) => endOffset))).toBe(90);
      const collected = await it.collect(topic, { group });
      await collected.reach(90);
      await eventually(async () => {
        const after = await it.other().source.positions(topic, group);
        expect(after).toEqual(
          before.map(({ partition, endOffset }) => ({ partition, endOffset, committedOffset: endOffset })),
        );
      }, it.withinMs);
    },
  );

  test.runIf(it.options.knowsEnd === false)(
    'a group has caught up when it has handled all that was there',
    async () => {
      const topic = await it.topic(3);
      const group = fresh('group');
      await it.ends().sink.publish(topic, messages('e', 200, 20));
      const held = gate();
      let handled = 0;
      await it.subscribe(topic, { group, maxBatchEvents: 30 }, async ({ events }) => {
        await held.wait();
        handled += events.length;
      });
      let isCaughtUp = false;
      const caughtUp = it.other().source.caughtUp!(topic, group).then(() => {
        isCaughtUp = true;
      });
      await pause(it.quietMs);
      expect(isCaughtUp).toBe(false);
      held.open();
      await caughtUp;
      expect(handled).toBe(200);
      const positions = await it.other().source.positions(topic, group);
      expect(sum(positions.map(({ committedOffset }) => committedOffset))).toBe(200);
      await it.ends().source.caughtUp!(topic, group);
      const waiting = it.ends().source.caughtUp!(topic, fresh('nobody'), { signal: AbortSignal.timeout(it.quietMs) });
      await expectCode(waiting, 'MILONGA_ABORTED');
    },
  );

  test.runIf(it.hasPositions)('a position never passes what is handled', async () => {
    const topic = await it.topic(1);
    const group = fresh('group');
    await it.ends().sink.publish(topic, messages('e', 60, 1));
    let handled = 0;
    let isDone = false;
    await it.subscribe(topic, { group, maxBatchEvents: 7 }, async ({ events }) => {
      await pause(5);
      const [position] = await it.ends().source.positions(topic, group);
      expect(position!.committedOffset).toBeLessThanOrEqual(handled);
      handled += events.length;
      isDone = handled === 60;
    });
    await eventually(() => expect(isDone).toBe(true), it.withinMs);
  });

  test.runIf(it.options.retention !== undefined && it.hasPositions)(
    'events past their retention are dropped; a group that had not seen them goes on at the first one still there',
    async () => {
      const { retentionMs, withinMs } = it.options.retention!;
      const topic = fresh('topic');
      const group = fresh('group');
      await it.ends().sink.ensureTopics([{ name: topic, partitions: 1, retentionMs }]);
      await it.ends().sink.publish(topic, messages('old', 10, 1));
      const some = await it.collect(topic, { group, maxBatchEvents: 4 });
      await some.reach(4);
      await some.subscription.close();
      await eventually(async () => {
        const [position] = await it.ends().source.positions(topic, fresh('never'));
        expect(position).toEqual({ partition: 0, committedOffset: 10, endOffset: 10 });
      }, retentionMs + withinMs);
      await it.ends().sink.publish(topic, messages('new', 2, 1));
      const rest = await it.collect(topic, { group });
      await rest.reach(2);
      expect(rest.ids()).toEqual(['new0', 'new1']);
      expect(rest.events[0]!.offset).toBeGreaterThanOrEqual(10);
    },
  );
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
