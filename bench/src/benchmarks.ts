import { benchArrow } from './arrow.ts';
import type { Benchmark } from './bench-result.ts';
import { benchHttp } from './http.ts';
import { benchOnlineRead } from './online-read.ts';
import { benchPipeline } from './pipeline.ts';

/** By the name that `--only` selects. */
export const benchmarks: ReadonlyMap<string, Benchmark> = new Map([
  ['pipeline', benchPipeline],
  ['arrow', benchArrow],
  ['online-read', benchOnlineRead],
  ['http', benchHttp],
]);
