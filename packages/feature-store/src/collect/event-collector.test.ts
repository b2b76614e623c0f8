import {
  boolean,
  decodeRow,
  type EventMessage,
  type EventSink,
  entity,
  event,
  int32,
  MilongaError,
  minutes,
  nullable,
  quarantined,
  string,
  timestamp,
} from '@milonga/core';
import { testClock } from '@milonga/testing';
import { describe, expect, it } from 'vitest';
import { count } from '../aggregates/count.ts';
import { featureView } from '../view/feature-view.ts';
import { collectRoute } from './collect-route.ts';
import { EventCollector } from './event-collector.ts';

const gift = event('gift', {
  userId: string(),
  streamerId: string(),
  coins: int32(),
  note: nullable(string()),
  sentAt: nullable(timestamp()),
  isFirst: nullable(boolean()),
});
const view = featureView('activity', {
  entity: entity('streamer', 'streamerId'),
  from: gift,
  by: 'streamerId',
  lateness: minutes(1),
  features: { n: count() },
});
const NOW = Date.UTC(2026, 0, 1);
const payload = { userId: 'u1', streamerId: 's1', coins: 5 };

/** Keeps what is published, and fails when told to. */
function recording(): {
  readonly sink: EventSink;
  readonly published: Map<string, EventMessage[]>;
  failNext: () => void;
  gate: { open: Promise<void> };
} {
  const published = new Map<string, EventMessage[]>();
  let fails = false;
  const gate = { open: Promise.resolve() };
  const sink: EventSink = {
    ensureTopics: async () => {},
    publish: async (topic, events) => {
      await gate.open;
      if (fails) {
        fails = false;
        throw new MilongaError('MILONGA_EVENT_SINK_UNAVAILABLE', 'The log is away.', { isRetryable: true });
      }
      published.set(topic, [...(published.get(topic) ?? []), ...events]);
      return events.map(() => ({ status: 'acknowledged' }) as const);
    },
  };
  return {
    sink,
    published,
    gate,
    failNext: () => {
      fails = true;
    },
  };
}

function collectorOn(sink: EventSink, options = {}): EventCollector {
  return new EventCollector({ events: [gift, quarantined], views: [view] }, sink, testClock({ now: NOW }), options);
}

describe('EventCollector', () => {
  it('publishes what is good, with a UUID of version 7 where there is no id', async () => {
    const { sink, published } = recording();
    const [outcome] = await collectorOn(sink).collect([{ type: 'gift', payload }]);
    expect(outcome).toMatchObject({ status: 'accepted', id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/) });
    const [message] = published.get('gift')!;
    expect(message).toMatchObject({ key: 'u1', eventAt: NOW, ingestedAt: NOW, id: outcome!.id });
    expect(decodeRow(gift.fields, message!.value)).toEqual({ ...payload, note: null, sentAt: null, isFirst: null });
  });

  it('puts whatever is bad into the quarantine with its reason, and never throws for it', async () => {
    const cyclic: Record<string, unknown> = { ...payload };
    cyclic['self'] = cyclic;
    const bad: readonly [unknown, RegExp][] = [
      [{ type: 'gyft', id: 'a', payload }, /unknown event type "gyft"/],
      [{ type: 'gift', id: 'b', payload: { ...payload, coins: '5' } }, /coins: expected int32, found string "5"/],
      [{ type: 'gift', id: 'c', payload: { userId: 'u1' } }, /streamerId: expected string, found nothing; coins/],
      [{ type: 'gift', id: 'd', payload, eventAt: NOW + minutes(5).ms + 1 }, /more than 300000 ms in the future/],
      [{ type: 'gift', id: 'e', payload, eventAt: 'yesterday' }, /eventAt: expected whole Unix milliseconds/],
      [{ type: 'gift', id: 'f', payload, eventAt: -5 }, /eventAt/],
      [{ type: 'gift', id: '', payload }, /id: expected/],
      [{ type: 'gift', id: 7, payload }, /id: expected/],
      [{ type: 'gift', id: 'h', payload: null }, /expected an object, found null/],
      [
        { type: 'gift', id: 'i', payload: { ...payload, streamerId: 'x'.repeat(257) } },
        /streamerId: a part of a key may have 256 bytes/,
      ],
      [
        { type: 'gift', id: 'j', payload: { ...payload, note: 'n'.repeat(300_000) } },
        /payload: 3\d+ bytes; at most 262144/,
      ],
      [{ type: 'gift', id: 'k', payload: cyclic }, /self: expected no such field/],
      [{ type: 'gift', id: 'l', payload: { ...payload, coins: 1n } }, /coins: expected int32/],
      [{ type: Symbol('gift'), payload }, /unknown event type "symbol"/],
      ['text', /must be an object/],
      [null, /must be an object/],
    ];
    const { sink, published } = recording();
    const outcomes = await collectorOn(sink).collect([
      ...bad.map(([one]) => one),
      { type: 'gift', id: 'good', payload },
    ] as never);
    bad.forEach(([, reason], at) => {
      expect(outcomes[at]).toMatchObject({ status: 'quarantined', reason: expect.stringMatching(reason) });
    });
    expect(outcomes.at(-1)).toEqual({ status: 'accepted', id: 'good' });
    expect(published.get('gift')).toHaveLength(1);
    const kept = published
      .get('quarantined')!
      .map(({ value }) => decodeRow(quarantined.fields, value) as Record<string, unknown>);
    expect(kept).toHaveLength(bad.length);
    expect(kept[1]).toEqual({
      type: 'gift',
      reason: expect.stringMatching(/coins/),
      payload: JSON.stringify({ ...payload, coins: '5' }),
      receivedAt: NOW,
    });
    expect(kept[3]).toMatchObject({ payload: JSON.stringify({ eventAt: NOW + minutes(5).ms + 1, payload }) });
    expect(String(kept[10]!['payload'])).toHaveLength(65_536);
  });

  it('takes an event from the near future as one of now', async () => {
    const { sink, published } = recording();
    await collectorOn(sink).collect([
      { type: 'gift', payload, eventAt: NOW + 60_000 },
      { type: 'gift', payload, eventAt: NOW - 60_000 },
    ]);
    expect(published.get('gift')!.map(({ eventAt }) => eventAt)).toEqual([NOW, NOW - 60_000]);
  });

  it('publishes an id once: in one batch, in two, and in two at the same time', async () => {
    const { sink, published, gate } = recording();
    const collector = collectorOn(sink);
    const same = { type: 'gift', id: 'same', payload };
    expect(await collector.collect([same, same])).toEqual([
      { status: 'accepted', id: 'same' },
      { status: 'accepted', id: 'same' },
    ]);
    await collector.collect([same]);
    const opened = Promise.withResolvers<void>();
    gate.open = opened.promise;
    const both = Promise.all([
      collector.collect([{ ...same, id: 'slow' }]),
      collector.collect([{ ...same, id: 'slow' }]),
    ]);
    opened.resolve();
    await both;
    expect(published.get('gift')!.map(({ id }) => id)).toEqual(['same', 'slow']);
  });

  it('does not accept a repeated id on the word of a publish that fails', async () => {
    const { sink, published, gate, failNext } = recording();
    const collector = collectorOn(sink);
    const opened = Promise.withResolvers<void>();
    gate.open = opened.promise;
    failNext();
    const both = Promise.allSettled([
      collector.collect([{ type: 'gift', id: 'a', payload }]),
      collector.collect([{ type: 'gift', id: 'a', payload }]),
    ]);
    opened.resolve();
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await collector.collect([{ type: 'gift', id: 'a', payload }]);
    expect(published.get('gift')).toHaveLength(1);
  });

  it('remembers no more ids than it may', async () => {
    const { sink, published } = recording();
    const collector = collectorOn(sink, { rememberedIds: 10 });
    const all = Array.from({ length: 100 }, (_, at) => ({ type: 'gift', id: `id-${at}`, payload }));
    for (const one of all) await collector.collect([one]);
    await collector.collect(all.slice(-10));
    expect(published.get('gift')).toHaveLength(100);
    await collector.collect(all.slice(0, 10));
    expect(published.get('gift')).toHaveLength(110);
  });
});

describe('POST /v1/events', () => {
  const request = (body: unknown) => ({
    parameters: {},
    query: {},
    headers: {},
    body,
    signal: new AbortController().signal,
  });

  it('answers one outcome an event, also where some are bad', async () => {
    const route = collectRoute(collectorOn(recording().sink));
    const { status = 200, body } = await route.handle(
      request({
        events: [
          { type: 'gift', id: 'a', payload },
          { type: 'gift', id: 'b', payload: {} },
        ],
      }),
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({
      accepted: 1,
      quarantined: 1,
      outcomes: [
        { status: 'accepted', id: 'a' },
        { status: 'quarantined', id: 'b' },
      ],
    });
  });

  it('refuses a body that is no list of 1 to 1,000 events', async () => {
    const route = collectRoute(collectorOn(recording().sink));
    const validate = route.body!['~standard'].validate;
    for (const body of [null, 7, [], {}, { events: {} }, { events: [] }, { events: Array.from({ length: 1_001 }) }]) {
      expect(await validate(body)).toMatchObject({ issues: [{ path: ['events'] }] });
    }
    expect(await validate({ events: [1] })).toEqual({ value: { events: [1] } });
  });
});
