import { type ServiceName, serviceAddress } from '../../services/addresses.ts';
import { benchArrow } from './arrow.ts';
import type { Benchmark } from './bench-result.ts';
import { benchFeatureRead } from './feature-read.ts';
import { benchFreshness } from './freshness.ts';
import { benchHttp } from './http.ts';
import { benchKafka } from './kafka.ts';
import { benchKafkaClients } from './kafka-clients.ts';
import { benchOnlineRead } from './online-read.ts';
import { benchPipeline } from './pipeline.ts';
import { benchRedis } from './redis.ts';
import { benchTiles } from './tiles.ts';

/** By the name that `--only` selects. */
export const benchmarks: ReadonlyMap<string, Benchmark> = new Map([
  ['pipeline', benchPipeline],
  ['arrow', benchArrow],
  ['online-read', benchOnlineRead],
  ['feature-read', benchFeatureRead],
  ['http', benchHttp],
  ['tiles', benchTiles],
  ['freshness', benchFreshness],
  ['redis', benchRedis],
  ['kafka', benchKafka],
  ['kafka-clients', benchKafkaClients],
]);

/** The services that a benchmark needs to be up, by the benchmark's name. */
const services: ReadonlyMap<string, readonly ServiceName[]> = new Map([
  ['redis', ['redis-cluster']],
  ['kafka', ['kafka']],
  ['kafka-clients', ['kafka']],
]);

/** What a benchmark lacks to be run, in words; `undefined` when nothing is missing. */
export async function lackOf(name: string): Promise<string | undefined> {
  const missing: ServiceName[] = [];
  for (const service of services.get(name) ?? [])
    if ((await serviceAddress(service)) === undefined) missing.push(service);
  if (missing.length === 0) return undefined;
  return `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not up. Start: npm run services -- up ${missing.join(' ')}`;
}
