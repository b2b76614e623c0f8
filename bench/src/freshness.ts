import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { local } from '@milonga/adapters-local';
import { Collector, defineRecommender, FeatureReader } from '@milonga/core';
import { startRecommender } from '@milonga/service';
import type { BenchOptions, BenchResult } from './bench-result.ts';
import { activity, audience, gift, giftsOf } from './gifts.ts';
import { percentilesOf } from './measure-pair.ts';
import { inTemporaryFolder } from './temporary-folder.ts';

const STREAMERS = 2_000;
/** Events of others, meanwhile. */
const BATCH = 50;
const BATCH_EVERY_MS = 50;

/**
 * From the call of `collect` to a feature that a read gives: through the log, the tiles and the materialiser of two views,
 * with the lake sink at work, on disk, while a thousand events of others a second come in.
 */
export function benchFreshness({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  return inTemporaryFolder(async (folder) => {
    const recommender = defineRecommender({
      name: 'bench',
      adapters: [local({ dir: join(folder, 'state') })],
      events: [gift],
      views: [activity, audience],
    });
    const running = await startRecommender(recommender, { http: false, logging: { level: 'warn' } });
    const collector = await running.get(Collector);
    const reader = await running.get(FeatureReader);
    const others = new AbortController();
    const background = sendOthers(collector, others.signal);
    const probes = quick ? 5 : 300;
    const delaysMs: number[] = [];
    for (let probe = quick ? 0 : -30; probe < probes; probe += 1) {
      const delayMs = await timeToFeature(collector, reader, `probe-${probe}`);
      if (probe >= 0) delaysMs.push(delayMs);
      await pause(7);
    }
    others.abort();
    const sentPerSecond = await background;
    await running.stop();
    const ours = percentilesOf(Float64Array.from(delaysMs));
    return [
      {
        name: 'event to online feature, embedded',
        unit: 'ms',
        ours,
        limits: [
          { what: 'p99 ms', value: ours.p99, atMost: 1_000 },
          { what: 'events of others a second', value: sentPerSecond },
        ],
      },
    ];
  });
}

async function timeToFeature(collector: Collector, reader: FeatureReader, streamerId: string): Promise<number> {
  const start = performance.now();
  await collector.collect([{ type: 'gift', payload: { streamerId, userId: 'u', coins: 5 } }]);
  for (;;) {
    const [{ frame }] = await reader.read({ views: [activity], keys: [[streamerId]] }, { at: Date.now() + 1 });
    if (frame.column('gifts').at(0) === 1) return performance.now() - start;
    if (performance.now() - start > 10_000) throw new Error('A feature did not arrive within 10 seconds.');
    await nextTurn();
  }
}

/** @returns how many a second it came to. */
async function sendOthers(collector: Collector, signal: AbortSignal): Promise<number> {
  const start = performance.now();
  let sent = 0;
  while (!signal.aborted) {
    const events = giftsOf(BATCH, STREAMERS, Date.now()).map(({ type, payload }) => ({ type, payload }));
    await collector.collect(events);
    sent += events.length;
    await pause(BATCH_EVERY_MS);
  }
  return (sent / (performance.now() - start)) * 1_000;
}
