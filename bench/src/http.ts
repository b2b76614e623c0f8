import { memory } from '@milonga/adapters-local';
import { keepIf, linear, pipeline, type Source, topK } from '@milonga/coordinator';
import { defineRecommender, int32, type Recommender, string } from '@milonga/core';
import { startRecommender } from '@milonga/service';
import { fastify } from 'fastify';
import type { BenchOptions, BenchResult } from './bench-result.ts';
import { type CandidateColumns, candidateFrame } from './candidate-frame.ts';
import { HttpLoader, type ServerUnderLoad } from './http-loader.ts';
import { percentilesOf } from './measure-pair.ts';

const CANDIDATES = 500;
const CONNECTIONS = 10;
const INPUTS = Array.from({ length: 1_009 }, (_, user) => JSON.stringify({ userId: `user-${user}`, limit: 20 }));

/**
 * `POST /v1/recommend/:pipeline` with 500 candidates of 32 features filtered and ranked for each request, beside an empty
 * fastify route in the same process. Ten connections ask as fast as they are answered, from a process of their own.
 */
export async function benchHttp({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  await using running = await startRecommender(rankingRecommender(), { logging: { level: 'warn' } });
  const empty = fastify();
  empty.post('/empty', async () => ({}));
  const emptyUrl = `${await empty.listen({ port: 0 })}/empty`;
  await using loader = new HttpLoader();
  const ours = `${running.url}/v1/recommend/for-you`;
  await checkSlate(ours);
  const rounds: { ours: ServerUnderLoad; peer: ServerUnderLoad }[] = [];
  const order = { bodies: INPUTS, connections: CONNECTIONS, durationS: quick ? 1 : 4 };
  for (let round = quick ? 0 : -1; round < (quick ? 1 : 5); round += 1) {
    const both = {
      ours: await loader.run({ ...order, url: ours }),
      peer: await loader.run({ ...order, url: emptyUrl }),
    };
    if (round >= 0) rounds.push(both);
  }
  await empty.close();
  return [resultOf(rounds)];
}

function resultOf(rounds: readonly { readonly ours: ServerUnderLoad; readonly peer: ServerUnderLoad }[]): BenchResult {
  const ours = latencies(rounds.map((round) => round.ours));
  const peer = latencies(rounds.map((round) => round.peer));
  return {
    name: 'recommendation over HTTP, 500 ranked live',
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

/** One pipeline over candidates that are in memory already, as those of a pool's shard are. */
function rankingRecommender(): Recommender {
  const frame = candidateFrame(CANDIDATES, 32);
  const numbers = frame.layout.names.filter((name) => name.startsWith('f'));
  const live: Source<unknown, CandidateColumns> = {
    name: 'live-streamers',
    columns: frame.layout.schema,
    fetch: () => frame,
  };
  const forYou = pipeline('for-you', { input: { userId: string(), limit: int32() } })
    .sources(live)
    .filter(
      keepIf('live', (item) => item.isLive),
      keepIf('fresh', (item) => item.fresh < 0.95),
      keepIf('category', (item) => item.category !== 'news'),
    )
    .score(linear<'score', never>('score', Object.fromEntries(numbers.map((name, at) => [name, Math.sin(at + 1)]))))
    .select(topK((query) => query.limit, 'score'))
    .returning('id', 'category', 'score');
  return defineRecommender({ name: 'bench', adapters: [memory()], events: [], pipelines: [forYou] });
}

async function checkSlate(url: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', body: INPUTS[0]!, headers });
  const { items, degraded } = (await answer.json()) as { items?: readonly object[]; degraded?: readonly string[] };
  if (items?.length !== 20 || degraded?.length !== 0)
    throw new Error(`Expected a slate of 20, found ${answer.status} ${JSON.stringify({ items, degraded })}.`);
}
