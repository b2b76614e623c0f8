import type { Fields, ModelManifest } from '@milonga/core';
import type { ResolvedColumns } from '../serving/columns.ts';
import type { TrainingData } from './training-data.ts';

/** A version that was trained before, to be judged on the same holdout. */
export interface EarlierVersion {
  readonly manifest: ModelManifest;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Everything that fitting and judging one version needs. Plain data, so that it can be handed to a worker. */
export interface TrainingTask {
  /** Name of a built-in algorithm. */
  readonly algorithm: string;
  readonly model: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly inputs: Fields;
  /** `undefined` for models that only score. */
  readonly retrievalInputs: Fields | undefined;
  readonly outputs: readonly string[];
  readonly columns: ResolvedColumns | undefined;
  readonly cutoffs: readonly number[];
  readonly data: TrainingData;
  /** Whether to fit again on all data after the judgement. */
  readonly refit: boolean;
  readonly live: EarlierVersion | undefined;
}

/** What came of a {@link TrainingTask}. */
export interface TrainingResult {
  /** By name; the baseline among them. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly metrics: Readonly<Record<string, number>>;
  /** Of the live version on the same holdout; `undefined` when there is none, or it cannot be loaded. */
  readonly liveMetrics: Readonly<Record<string, number>> | undefined;
  readonly phasesMs: Readonly<Record<string, number>>;
}

/** How a task tells how far it is. */
export type ReportProgress = (phase: string, fraction: number | undefined) => void;
