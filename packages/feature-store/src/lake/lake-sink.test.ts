import {
  decodeRow,
  encodeRow,
  event,
  int32,
  type Lake,
  quarantined,
  type ReceivedEvent,
  silentLogger,
  string,
} from '@milonga/core';
import { describe, expect, it } from 'vitest';
import { type Embedded, embedded } from '../embedded.fixture.ts';
import { LakeSink } from './lake-sink.ts';
import { runLakeSink } from './run-lake-sink.ts';

const gift = event('gift', { userId: string(), coins: int32() });
const START = Date.UTC(2026, 0, 1);

const give = (world: Embedded, from: number, count: number) =>
  world.collector.collect(
    Array.from({ length: count }, (_, at) => ({
      type: 'gift',
      id: `g${from + at}`,
      payload: { userId: `u${at % 5}`, coins: from + at },
    })),
  );

async function rows(world: Embedded): Promise<readonly Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = [];
  for await (const frame of world.lake.query(
    'SELECT id, coins, "eventAt", "ingestedAt", "partition", "offset" FROM gift ORDER BY coins',
  ))
    all.push(...(frame.toRows() as Record<string, unknown>[]));
  return all;
}

describe('the lake sink', () => {
  it('lands every event with its envelope', async () => {
    await using world = await embedded([gift], [], { now: START });
    const sink = await runLakeSink(gift, { ...world, log: silentLogger });
    await give(world, 0, 100);
    await sink.settle();
    const landed = await rows(world);
    expect(landed).toHaveLength(100);
    expect(landed[42]).toMatchObject({
      id: 'g42',
      coins: 42,
      eventAt: START,
      ingestedAt: START,
      offset: expect.any(Number),
    });
    await sink.stop();
  });

  it('puts events together until there are enough, or the first has waited long enough', async () => {
    await using world = await embedded([gift], [], { now: START, partitions: 1 });
    const appends: number[] = [];
    const lake: Lake = new Proxy(world.lake, {
      get: (object, name) => {
        if (name !== 'append')
          return (
            (Reflect.get(object, name) as (...all: never[]) => unknown).bind?.(object) ?? Reflect.get(object, name)
          );
        return (...all: Parameters<Lake['append']>) => {
          appends.push(all[1].length);
          return object.append(...all);
        };
      },
    });
    const sink = await runLakeSink(gift, { ...world, lake, log: silentLogger }, { maxRows: 1_000, maxDelayMs: 150 });
    for (let from = 0; from < 50; from += 10) await give(world, from, 10);
    await expect.poll(() => rows(world)).toHaveLength(50);
    expect(appends.length).toBeLessThanOrEqual(2); // what came while the first waited came together
    await sink.stop();
  });

  it('lands each event once, whatever is delivered again', async () => {
    await using world = await embedded([gift], [], { now: START, partitions: 1 });
    await world.lake.ensureTables([]);
    const first = await runLakeSink(gift, { ...world, log: silentLogger });
    await give(world, 0, 30);
    await first.settle();
    await first.stop();
    const again = new LakeSink(gift, { ...world, log: silentLogger }, { maxDelayMs: 1 });
    await give(world, 30, 10);
    const events: ReceivedEvent[] = [];
    const subscription = await world.source.subscribe('gift', { group: 'again' }, async (batch) => {
      await again.append(batch);
      events.push(...batch.events);
    });
    await expect.poll(() => events.length).toBe(40);
    await subscription.close();
    expect((await rows(world)).map(({ coins }) => coins)).toEqual(Array.from({ length: 40 }, (_, at) => at));
  });

  it('puts what cannot be decoded into the quarantine, with its position and its bytes, and goes on', async () => {
    await using world = await embedded([gift], [], { now: START, partitions: 1 });
    const value = encodeRow(gift.fields, { userId: 'u', coins: 1 });
    const old = encodeRow({ userId: string() }, { userId: 'u' });
    const message = (id: string, bytes: Uint8Array) => ({
      id,
      key: 'u',
      eventAt: START,
      ingestedAt: START,
      value: bytes,
    });
    await world.sink.publish('gift', [
      message('a', value),
      message('b', old),
      message('c', Uint8Array.of(0, 1)),
      { ...message('d', value), eventAt: Number.NaN },
      message('e', value),
    ]);
    const sink = await runLakeSink(gift, { ...world, log: silentLogger });
    await sink.settle();
    expect((await rows(world)).map(({ id }) => id).sort()).toEqual(['a', 'e']);
    const kept: Record<string, unknown>[] = [];
    const subscription = await world.source.subscribe('quarantined', { group: 'look' }, async (batch) => {
      for (const { id, value: bytes } of batch.events) kept.push({ id, ...decodeRow(quarantined.fields, bytes) });
    });
    await expect.poll(() => kept.length).toBe(3);
    expect(kept[0]).toMatchObject({
      id: 'gift/0/1',
      type: 'gift',
      reason: expect.stringMatching(/partition 0, offset 1: .*fingerprint/),
      payload: JSON.stringify({ base64: Buffer.from(old).toString('base64') }),
    });
    await subscription.close();
    await sink.stop();
  });
});
