import { type ServiceName, serviceAddress } from '../../services/addresses.ts';
import { benchArrow } from './arrow.ts';
import type { Benchmark } from './bench-result.ts';
import { benchFeatureRead } from './feature-read.ts';
import { benchFreshness } from './freshness.ts';
import { benchHttp } from './http.ts';
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
]);

/** The service that a benchmark needs to be up, by the benchmark's name. */
const services: ReadonlyMap<string, ServiceName> = new Map([['redis', 'redis-cluster']]);

/** What a benchmark lacks to be run, in words; `undefined` when nothing is missing. */
export async function lackOf(name: string): Promise<string | undefined> {
  const service = services.get(name);
  if (service === undefined || (await serviceAddress(service)) !== undefined) return undefined;
  return `${service} is not up. Start it: npm run services -- up ${service}`;
}
