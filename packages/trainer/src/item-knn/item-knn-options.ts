import type { Fields } from '@milonga/core';
import type { InteractionColumns, InteractionOptions } from '../interactions/interaction-options.ts';
import type { TrainingOptions } from '../model/training-options.ts';

/** What {@link itemKnn} takes. */
export interface ItemKnnOptions<F extends Fields> extends TrainingOptions {
  readonly interactions: InteractionOptions<F>;
  readonly parameters?: ItemKnnParameters;
  readonly columns?: InteractionColumns;
}

/** Parameters of the algorithm. */
export interface ItemKnnParameters {
  /** Neighbours kept for each item: K. Default: 50. */
  readonly neighbours?: number;
  /**
   * For which side of a pair the K best are kept: `source`, the items that an item of the history leads to; or `target`,
   * the items that lead to a candidate. Default: `source`.
   */
  readonly truncate?: 'source' | 'target';
  /**
   * `a` in the weight `|I_u|^-a` of a user with `|I_u|` items: 0 counts every user alike, 1 gives users who chose few
   * items more to say about each pair. Default: 1.
   */
  readonly userDegreeExponent?: number;
  /**
   * `b` in the denominator `(n_j + s)^b (n_i + s)^(1-b)` for source j and target i: 0.5 is the cosine, less favours
   * popular targets less. Default: 0.5.
   */
  readonly popularityAsymmetry?: number;
  /** `s`: added to the weight of an item, so that pairs seen by few users do not look certain. Default: 0. */
  readonly shrinkage?: number;
  /** The latest items of a history that count. Default: 100. */
  readonly historyLimit?: number;
  /** Number of places back in the history after which an item weighs half, besides its own weight. Default: no decay. */
  readonly historyHalfLife?: number;
  /** What an item of the history adds to its own score, times its weight: how strongly repeats are proposed. Default: 0. */
  readonly selfWeight?: number;
  /** Whether `retrieve` may propose items of the history. Default: false, unless `selfWeight` is above 0. */
  readonly retrieveHistory?: boolean;
}
