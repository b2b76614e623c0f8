import type { Duration, EventDefinition, Fields, PipelineShape } from '@milonga/core';
import type { SqlFields, StringField } from '../interactions/interaction-options.ts';
import type { TrainingOptions } from '../model/training-options.ts';
import type { RankerFeature } from './feature.ts';

/** What was chosen together in answer to one request: an invoice, a session, a slate. */
export interface LabelGroup {
  readonly group: string;
  readonly user: string;
  /** The moment just before which the request is imagined: that of the group's first event, Unix ms. */
  readonly at: number;
}

/** Where the labels of a ranker come from. */
export interface LabelOptions<F extends Fields> {
  readonly from: EventDefinition<F>;
  readonly group: StringField<F>;
  readonly user: StringField<F>;
  readonly item: StringField<F>;
  /** Condition of SQL on the fields; they come as quoted identifiers of the lake's engine. */
  readonly where?: (fields: SqlFields<F>) => string;
  /** The request that the pipeline would have got just before the group. */
  readonly input: (group: LabelGroup) => object;
  /** Leaves out groups of users without an earlier event in the table: there is little to learn from them. Default: false. */
  readonly onlyReturning?: boolean;
}

/** What {@link logisticRanker} takes. */
export interface LogisticRankerOptions<F extends Fields> extends TrainingOptions {
  /** The pipeline that serves. A function, because the pipeline usually names the ranker. */
  readonly pipeline: () => PipelineShape;
  /** Name of the pipeline's scoring stage that asks this model: candidates are taken as they are just before it. Default: the model's name. */
  readonly before?: string;
  readonly labels: LabelOptions<F>;
  /** Groups of this length of time before the run are learned from. Default: 30 days. */
  readonly window?: Duration;
  readonly sample?: SampleOptions;
  readonly features: readonly RankerFeature[];
  readonly parameters?: LogisticRankerParameters;
}

/** How much of the window is used. What is chosen depends on ids and seed alone, not on the order of the lake's rows. */
export interface SampleOptions {
  /** Most groups to learn from. Default: 1,000. */
  readonly groups?: number;
  /** Most groups of the holdout to judge on; all candidates of each are ranked. Default: 200. */
  readonly holdoutGroups?: number;
  /** Negatives kept of each group, at random; all positives are. Default: 50. */
  readonly negatives?: number;
  /**
   * Whether kept negatives stand for those left out, by weight. It makes the scores of the pointwise loss log-odds among all
   * candidates; `softmax` finds the right odds from a random sample without (McFadden, 1978). Default: false.
   */
  readonly weighted?: boolean;
  /**
   * Most groups whose candidates are computed at the same time; their feature reads go into one statement of the lake, so
   * more is faster. Fewer are taken when their candidates would need more than about 128 MiB. Default: 2,048.
   */
  readonly concurrency?: number;
  /** Default: 1. */
  readonly seed?: number;
}

/** Parameters of the algorithm. */
export interface LogisticRankerParameters {
  /**
   * `softmax`: each group's positives against all of its rows (listwise; conditional logit); `pairwise`: each positive
   * against each negative of its group; `pointwise`: each row by itself, whose score is then a log-odds. Default: `softmax`.
   */
  readonly loss?: 'softmax' | 'pairwise' | 'pointwise';
  /** Weight of the squared weights; the loss is a mean, so it does not depend on the number of rows. Default: 0.001. */
  readonly l2?: number;
  /** Most iterations of L-BFGS. Default: 100. */
  readonly iterations?: number;
}
