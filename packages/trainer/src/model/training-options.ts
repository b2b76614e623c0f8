import type { Duration, ModelDefinition } from '@milonga/core';
import type { Gate } from '../gate/gate.ts';

/** When a model is trained, on what it is judged, and what is kept: the same for every algorithm. */
export interface TrainingOptions {
  /**
   * Time between two runs, in event time: a replay of two years trains as often as two years did. Runs are due at
   * `startAt + startAfter`, and then once every `every`; when several were missed, the latest one is made.
   */
  readonly every: Duration;
  /** Origin of the schedule, Unix ms. Default: the event time of the oldest event in the training set's table. */
  readonly startAt?: number;
  /** The first run waits until the data span this much. Default: `every`. */
  readonly startAfter?: Duration;
  /** How long after its due time a run begins, so that late events can land first; they count as far as they were due. Default: 0. */
  readonly delay?: Duration;
  /** A run with fewer rows (interactions, or label groups of a ranker) is skipped until the next one is due. Default: 100. */
  readonly minimumRows?: number;
  /**
   * The last part of the data, which a version is judged on and never saw when it was judged. Not longer than `every`, or
   * the live version will have seen part of it and cannot be compared with. Default: 7 days, or `every` where that is less.
   */
  readonly holdout?: Duration;
  /**
   * Whether to train once more on all data, the holdout included, after the judgement, and ship that; otherwise what was
   * judged is shipped and knows nothing of the last days. Default: true.
   */
  readonly refit?: boolean;
  /** Lengths of a slate that recall and NDCG are measured at. Default: 20 alone. */
  readonly cutoffs?: readonly number[];
  /** All must pass before a version becomes a candidate for traffic. Default: none. */
  readonly gates?: readonly Gate[];
  /** Newest versions whose files are kept, besides those that an alias names and the last ones that were live. Default: 5. */
  readonly keep?: number;
  /** Models that this one uses: when they are due at the same time, it waits until their new versions are live or refused. */
  readonly after?: readonly ModelDefinition[];
}
