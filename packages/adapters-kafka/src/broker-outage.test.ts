import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PublishOutcome } from '@milonga/core';
import { expect, onTestFinished, test } from 'vitest';
import { kill9, revive } from '../../../services/faults.ts';
import { startServices, stopServices } from '../../../services/lifecycle.ts';
import { requireService } from '../../../services/test-services.ts';
import { openKafkaSink, openKafkaSource } from './kafka-adapter.ts';

const shared = await requireService('kafka');
const OUTAGE_MS = 30_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A broker of this test alone. */
async function ownBroker(): Promise<{ readonly folder: string; readonly brokers: readonly string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'milonga-kafka-'));
  onTestFinished(async () => {
    await stopServices(['kafka'], { folder });
    await rm(folder, { recursive: true, force: true });
  });
  const [started] = await startServices(['kafka'], { folder });
  if (started?.outcome !== 'started') throw new Error(`The broker did not start: ${JSON.stringify(started)}`);
  return { folder, brokers: (started.address as { readonly brokers: readonly string[] }).brokers };
}

test.skipIf(shared === undefined)(
  'a broker that is killed with -9 for 30 s costs no acknowledged event and no manual step',
  { timeout: 120_000 },
  async () => {
    const { folder, brokers } = await ownBroker();
    const sink = openKafkaSink({ brokers });
    const source = openKafkaSource({ brokers, sessionTimeoutMs: 3_000 });
    const handled = new Map<string, string[]>(['a', 'b', 'c'].map((key) => [key, []]));
    await source.subscribe('orders', { group: 'g' }, async ({ events }) => {
      for (const { key, id } of events) if (handled.get(key)!.at(-1) !== id) handled.get(key)!.push(id);
    });
    const acknowledged = new Map<string, string[]>(['a', 'b', 'c'].map((key) => [key, []]));
    const outcomes: PublishOutcome[] = [];
    let isOver = false;
    const publishing = ['a', 'b', 'c'].map(async (key) => {
      for (let n = 0; !isOver; n += 1) {
        const id = `${key}-${n}`;
        const event = { id, key, eventAt: n, ingestedAt: n, value: Buffer.from(id) };
        const [outcome] = await sink.publish('orders', [event]);
        outcomes.push(outcome!);
        if (outcome!.status === 'acknowledged') acknowledged.get(key)!.push(id);
        await pause(5);
      }
    });
    await pause(1_500);
    await kill9('kafka', { folder });
    const before = outcomes.length;
    await pause(OUTAGE_MS);
    await revive('kafka', { folder });
    const revivedAt = performance.now();
    while (outcomes.length < before + 100) await pause(10);
    console.info(`went on ${Math.round(performance.now() - revivedAt)} ms after the broker was back`);
    isOver = true;
    await Promise.all(publishing);
    expect(outcomes.every(({ status }) => status === 'acknowledged')).toBe(true);
    const isThere = (key: string): boolean => {
      const got = new Set(handled.get(key));
      return acknowledged.get(key)!.every((id) => got.has(id));
    };
    for (let waited = 0; waited < 200 && ![...acknowledged.keys()].every(isThere); waited += 1) await pause(100);
    for (const [key, ids] of acknowledged) expect([...new Set(handled.get(key))]).toEqual(ids);
    await source.close();
    await sink.close();
  },
);
