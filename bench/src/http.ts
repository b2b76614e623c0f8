import { join } from 'node:path';
import { Collector } from '@milonga/core';
import { startRecommender } from '@milonga/service';
import { fastify } from 'fastify';
import type { BenchOptions, BenchResult } from './bench-result.ts';
import { collectAll } from './collect-all.ts';
import { giftsOf } from './gifts.ts';
import { HttpLoader, type ServerUnderLoad } from './http-loader.ts';
import { percentilesOf } from './measure-pair.ts';
import { rankingRecommender } from './ranking-recommender.ts';
import { inTemporaryFolder } from './temporary-folder.ts';

const CONNECTIONS = 10;
const INPUTS = Array.from({ length: 1_009 }, (_, user) => JSON.stringify({ userId: `user-${user}`, limit: 20 }));

interface Round {
  readonly ours: ServerUnderLoad;
  readonly peer: ServerUnderLoad;
}

/**
 * `POST /v1/recommend/:pipeline` with 500 candidates filtered and ranked for each request, beside an empty fastify route in
 * the same process; once with features that are in memory, once with features that are read from the online store. Ten
 * connections ask as fast as they are answered, from a process of their own.
 */
export function benchHttp({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  return inTemporaryFolder(async (folder) => {
    const running = await startRecommender(rankingRecommender(join(folder, 'state')), { logging: { level: 'warn' } });
    await collectAll(await running.get(Collector), giftsOf(quick ? 5_000 : 20_000, 500, Date.now()));
    await running.settle();
    const empty = fastify();
    empty.post('/empty', async () => ({}));
    const emptyUrl = `${await empty.listen({ port: 0 })}/empty`;
    await using loader = new HttpLoader();
    const results: BenchResult[] = [];
    for (const [name, pipeline] of [
      ['HTTP, 500 ranked, features in memory', 'from-memory'],
      ['HTTP, 500 ranked, features from the online store', 'from-store'],
    ] as const) {
      const url = `${running.url}/v1/recommend/${pipeline}`;
      await checkSlate(url);
      results.push(resultOf(name, await measureRounds(loader, url, emptyUrl, quick)));
    }
    await empty.close();
    await running.stop();
    return results;
  });
}

async function measureRounds(
  loader: HttpLoader,
  oursUrl: string,
  emptyUrl: string,
  quick: boolean,
): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  const order = { bodies: INPUTS, connections: CONNECTIONS, durationS: quick ? 1 : 3 };
  for (let round = quick ? 0 : -1; round < (quick ? 1 : 5); round += 1) {
    const both = {
      ours: await loader.run({ ...order, url: oursUrl }),
      peer: await loader.run({ ...order, url: emptyUrl }),
    };
    if (round >= 0) rounds.push(both);
  }
  return rounds;
}

function resultOf(name: string, rounds: readonly Round[]): BenchResult {
  const ours = latencies(rounds.map((round) => round.ours));
  const peer = latencies(rounds.map((round) => round.peer));
  return {
    name,
    unit: 'ms',
    ours,
    peer: { name: 'empty fastify route', ...peer },
    ratio: ours.p50 / peer.p50,
    limits: [
      { what: 'requests/s on one core', value: median(rounds.map((round) => perSecond(round.ours))), atLeast: 1_000 },
      { what: 'p99 ms', value: ours.p99, atMost: 20 },
      { what: 'processor time us a request', value: median(rounds.map((round) => round.ours.processorUs)) },
      { what: 'empty route requests/s', value: median(rounds.map((round) => perSecond(round.peer))) },
      { what: 'empty route processor time us', value: median(rounds.map((round) => round.peer.processorUs)) },
    ],
  };
}

const latencies = (rounds: readonly ServerUnderLoad[]) =>
  percentilesOf(Float64Array.from(rounds.flatMap(({ latenciesMs }) => latenciesMs)));

const perSecond = ({ requests, elapsedMs }: ServerUnderLoad): number => (requests / elapsedMs) * 1_000;

const median = (values: readonly number[]): number => percentilesOf(Float64Array.from(values)).p50;

async function checkSlate(url: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', body: INPUTS[0]!, headers });
  const { items, degraded } = (await answer.json()) as { items?: readonly object[]; degraded?: readonly string[] };
  if (items?.length !== 20 || degraded?.length !== 0)
    throw new Error(`Expected a slate of 20, found ${answer.status} ${JSON.stringify({ items, degraded })}.`);
}
