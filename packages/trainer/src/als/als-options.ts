import type { Fields } from '@milonga/core';
import type { InteractionColumns, InteractionOptions } from '../interactions/interaction-options.ts';
import type { TrainingOptions } from '../model/training-options.ts';

/** What {@link als} takes. */
export interface AlsOptions<F extends Fields> extends TrainingOptions {
  readonly interactions: InteractionOptions<F>;
  readonly parameters?: AlsParameters;
  readonly columns?: InteractionColumns;
}

/** Parameters of the algorithm. */
export interface AlsParameters {
  /** Dimensions of a vector. Default: 64. */
  readonly factors?: number;
  /** Weight of the squared length of the vectors. Default: 0.1. */
  readonly regularisation?: number;
  /** `v` in `regularisation * n^v`, where n is how many interactions a user or item has: 0 is the same for all, 1 grows with n. Default: 0. */
  readonly regularisationExponent?: number;
  /** Confidence of an interaction of weight w is `1 + alpha * w`, of everything else 1. Default: 10. */
  readonly alpha?: number;
  /** Each solves for all users, then for all items. Default: 10. */
  readonly iterations?: number;
  /** Steps of conjugate gradient for each vector and iteration; 0 solves exactly, by Cholesky. Default: 3. */
  readonly conjugateGradientSteps?: number;
  /** Default: 1. */
  readonly seed?: number;
  /** The latest items of a history that count. Default: 500. */
  readonly historyLimit?: number;
  /** Whether `retrieve` may propose items of the history. Default: false. */
  readonly retrieveHistory?: boolean;
}
