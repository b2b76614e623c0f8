import { MilongaError } from '@milonga/core';
import { alsAlgorithm } from '../als/als-algorithm.ts';
import { itemKnnAlgorithm } from '../item-knn/item-knn-algorithm.ts';
import { logisticRankerAlgorithm } from '../logistic-ranker/logistic-ranker-algorithm.ts';
import type { Algorithm } from '../model/algorithm.ts';
import { popularityAlgorithm } from '../popularity/popularity-algorithm.ts';

const BUILT_IN: ReadonlyMap<string, Algorithm> = new Map(
  [popularityAlgorithm, itemKnnAlgorithm, alsAlgorithm, logisticRankerAlgorithm].map((algorithm) => [
    algorithm.name,
    algorithm,
  ]),
);

/** Functions cannot be handed to a worker; names can. */
export function algorithmNamed(name: string): Algorithm {
  const algorithm = BUILT_IN.get(name);
  if (algorithm !== undefined) return algorithm;
  throw new MilongaError(
    'MILONGA_INTERNAL',
    `No algorithm is named "${name}". Built in: ${[...BUILT_IN.keys()].join(', ')}.`,
  );
}
