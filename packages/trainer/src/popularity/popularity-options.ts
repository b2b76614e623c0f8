import type { Fields } from '@milonga/core';
import type { InteractionOptions } from '../interactions/interaction-options.ts';
import type { TrainingOptions } from '../model/training-options.ts';

/** What {@link popularity} takes. */
export interface PopularityOptions<F extends Fields> extends TrainingOptions {
  /** `halfLife` makes it a model of trends: a user counts for less, the longer the latest event is ago. */
  readonly interactions: InteractionOptions<F>;
  readonly parameters?: PopularityParameters;
  /** Column with the id of the item to score. Default: `id`. */
  readonly itemColumn?: string;
}

/** Parameters of the algorithm. */
export interface PopularityParameters {
  /** Items that are kept, the most popular ones. Default: 10,000. */
  readonly items?: number;
}
