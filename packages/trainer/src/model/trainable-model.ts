import type { Lake, Logger, ModelDefinition, Ports } from '@milonga/core';
import type { AnyPort } from '@milonga/core/app';
import type { Gate } from '../gate/gate.ts';
import type { ResolvedColumns } from '../serving/columns.ts';
import type { TrainingData } from '../worker/training-data.ts';

/** When a model is trained; see `TrainingOptions` for what each means. */
export interface Schedule {
  readonly everyMs: number;
  /** Unix ms; `undefined`: the oldest event. */
  readonly startAt: number | undefined;
  readonly startAfterMs: number;
  readonly delayMs: number;
}

/** What reading a training set is given to work with. */
export interface PrepareContext {
  /** Holds the ports of the model's `training.needs`. */
  readonly ports: Ports;
  /** Events before this moment count, Unix ms. */
  readonly until: number;
  /** Where the holdout begins, Unix ms. */
  readonly holdoutFrom: number;
  readonly signal: AbortSignal;
  readonly log: Logger;
  onProgress(fraction: number): void;
}

/** A training set that was read. */
export interface PreparedTraining {
  readonly data: TrainingData;
  /** Interactions, or label groups of a ranker. */
  readonly rows: number;
  /** Event time of the oldest event in it, Unix ms; `until` when it is empty. */
  readonly dataFrom: number;
}

/** Everything that a training run must know of a model. */
export interface Training {
  readonly schedule: Schedule;
  readonly minimumRows: number;
  readonly holdoutMs: number;
  readonly refit: boolean;
  readonly cutoffs: readonly number[];
  readonly gates: readonly Gate[];
  readonly keep: number;
  /** Names of the models that must be up to date before. */
  readonly after: readonly string[];
  /** The columns of interaction models; `undefined` for models that read no history. */
  readonly columns: ResolvedColumns | undefined;
  /** Stands in the manifest, and is what the algorithm is called with. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Ports that `prepare` uses, besides those of every run. A function, because a ranker's pipeline may be defined later. */
  readonly needs: () => readonly AnyPort[];
  /** Event time of the oldest event that could be in the training set. */
  firstEventAt(lake: Lake, signal: AbortSignal): Promise<number | undefined>;
  prepare(context: PrepareContext): Promise<PreparedTraining>;
}

/** A model that Milonga trains: the definition that servers know, and how its versions come to be. */
export interface TrainableModel extends ModelDefinition {
  readonly training: Training;
}

/** True for models that were defined with a training of Milonga's. */
export const isTrainable = (model: ModelDefinition): model is TrainableModel =>
  typeof (model as Partial<TrainableModel>).training?.prepare === 'function';
