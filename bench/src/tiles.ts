import { join } from 'node:path';
import { local } from '@milonga/adapters-local';
import {
  Collector,
  defineRecommender,
  encodeRow,
  type IncomingEvent,
  OfflineStore,
  type Recommender,
  type Row,
} from '@milonga/core';
import { createApp, defineAdapter, provide } from '@milonga/core/app';
import { startRecommender } from '@milonga/service';
import { open } from 'lmdb';
import type { BenchOptions, BenchResult } from './bench-result.ts';
import { collectAll } from './collect-all.ts';
import { activity, gift, giftsOf } from './gifts.ts';
import { percentilesOf } from './measure-pair.ts';
import { RecordingOfflineStore, type WrittenRow } from './recording-offline-store.ts';
import { inTemporaryFolder } from './temporary-folder.ts';

const STREAMERS = 5_000;
const logging = { level: 'warn' } as const;

interface Round {
  readonly oursMs: number;
  /** Of the whole process, while ours ran. */
  readonly processorMs: number;
  readonly peerMs: number;
  /** Raw puts of the rows that were written, in the same batches. */
  readonly sameRowsMs: number;
  readonly rows: number;
}

/**
 * Events that wait in the log, through the role `tiles` of one view with five aggregates into the embedded offline store,
 * until the last is absorbed; beside raw LMDB puts of as many rows, one an event, in batches of a thousand.
 *
 * The role writes fewer rows than there are events, because events of one entity in one batch share a write; what raw puts of
 * exactly those rows take, of as many bytes, stands beside it.
 */
export async function benchTiles({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  const events = quick ? 2_000 : 100_000;
  const rounds: Round[] = [];
  for (let round = quick ? 0 : -2; round < (quick ? 1 : 7); round += 1) {
    const measured = await inTemporaryFolder((folder) => measureRound(folder, events));
    if (round >= 0) rounds.push(measured);
  }
  const over = (figure: (round: Round) => number) => percentilesOf(Float64Array.from(rounds, figure));
  const ours = over(({ oursMs }) => oursMs);
  const peer = over(({ peerMs }) => peerMs);
  return [
    {
      name: `tiles, ${events.toLocaleString('en-US')} events`,
      unit: 'ms',
      ours,
      peer: { name: 'raw LMDB puts of as many rows', ...peer },
      ratio: ours.p50 / peer.p50,
      budget: 3,
      limits: [
        { what: 'events/s', value: (events / ours.p50) * 1_000, atLeast: 100_000 },
        { what: 'rows written', value: rounds[0]!.rows },
        {
          what: 'events a second of processor time',
          value: (events / over(({ processorMs }) => processorMs).p50) * 1_000,
        },
        { what: 'raw puts of those rows ms', value: over(({ sameRowsMs }) => sameRowsMs).p50 },
      ],
    },
  ];
}

async function measureRound(folder: string, events: number): Promise<Round> {
  const dir = join(folder, 'ours');
  const recommender = defineRecommender({
    name: 'bench',
    adapters: [local({ dir })],
    events: [gift],
    views: [activity],
  });
  const collecting = await startRecommender(recommender, { roles: ['collect'], http: false, logging });
  const gifts = giftsOf(events, STREAMERS, Date.now());
  await collectAll(await collecting.get(Collector), gifts);
  await collecting.stop();
  await using app = createApp([local({ dir })]);
  const store = new RecordingOfflineStore((await app.resolve({ store: OfflineStore })).store);
  const { elapsedMs: oursMs, processorMs } = await absorb(recommender, store);
  const peerMs = await putRaw(join(folder, 'events.mdb'), rowsOf(gifts));
  const sameRowsMs = await putRaw(join(folder, 'rows.mdb'), store.batches);
  return { oursMs, processorMs, peerMs, sameRowsMs, rows: store.batches.reduce((sum, batch) => sum + batch.length, 0) };
}

async function absorb(
  recommender: Recommender,
  store: OfflineStore,
): Promise<{ elapsedMs: number; processorMs: number }> {
  const recording = defineAdapter('recording', [provide(OfflineStore, { create: () => store })]);
  const before = process.cpuUsage();
  const start = performance.now();
  const running = await startRecommender(recommender, {
    roles: ['tiles'],
    http: false,
    logging,
    adapters: [recording],
  });
  await running.settle();
  const elapsedMs = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  await running.stop();
  return { elapsedMs, processorMs: (user + system) / 1_000 };
}

/** One row an event, keyed as one would by hand: by entity and time. */
function rowsOf(gifts: readonly IncomingEvent[]): readonly (readonly WrittenRow[])[] {
  const rows = gifts.map(({ id, eventAt, payload }) => {
    const fields = payload as Row<typeof gift.fields>;
    return { key: Buffer.from(`${fields.streamerId}/${eventAt}/${id}`), bytes: encodeRow(gift.fields, fields).length };
  });
  return Array.from({ length: Math.ceil(rows.length / 1_000) }, (_, at) => rows.slice(at * 1_000, (at + 1) * 1_000));
}

async function putRaw(path: string, batches: readonly (readonly WrittenRow[])[]): Promise<number> {
  const raw = open<Buffer, Uint8Array>({
    path,
    noSubdir: true,
    encoding: 'binary',
    keyEncoding: 'binary',
    noSync: true,
    overlappingSync: false,
  });
  const value = Buffer.alloc(Math.max(...batches.flat().map(({ bytes }) => bytes)), 7);
  const start = performance.now();
  for (const batch of batches) {
    raw.transactionSync(() => {
      for (const { key, bytes } of batch) void raw.put(key, value.subarray(0, bytes));
    });
  }
  const elapsedMs = performance.now() - start;
  await raw.close();
  return elapsedMs;
}
