import { benchArrow } from './arrow.ts';
import type { Benchmark } from './bench-result.ts';
import { benchFeatureRead } from './feature-read.ts';
import { benchFreshness } from './freshness.ts';
import { benchHttp } from './http.ts';
import { benchOnlineRead } from './online-read.ts';
import { benchPipeline } from './pipeline.ts';
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
]);
