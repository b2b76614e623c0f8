import type { GateVerdict } from '../model/manifest.ts';
import { type Port, port } from './port.ts';

/** How far a training run has come. */
export interface TrainingProgress {
  /** Such as `read`, `fit`, `evaluate`, `refit`, `store`. */
  readonly phase: string;
  /** Share of the phase that is done, 0 to 1; `undefined` where it cannot be known. */
  readonly fraction: number | undefined;
}

/** What became of a training run: everything that a report or a log line needs. */
export interface TrainingOutcome {
  readonly model: string;
  readonly algorithm: string;
  /** `undefined` when no version was made. */
  readonly version: string | undefined;
  /**
   * `candidate`: passed its gates and waits for the predictor's. `rejected`: registered, but a gate said no. `skipped`:
   * there was not enough data, or a version with these data. `busy`: another run of the model is under way, or was until a
   * moment ago; it may yet fail.
   */
  readonly outcome: 'candidate' | 'rejected' | 'skipped' | 'busy';
  /** In words. */
  readonly reason: string;
  /** Event time of the data: from (inclusive) and until (exclusive), Unix ms. */
  readonly dataFrom: number;
  readonly dataUntil: number;
  readonly rows: number;
  readonly trainMs: number;
  /** By phase; they add up to `trainMs`, but for moments in between. */
  readonly phasesMs: Readonly<Record<string, number>>;
  readonly bytes: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly gates: readonly GateVerdict[];
}

/** How one run is made. */
export interface TrainOptions {
  /** Why, for the record. */
  readonly reason: string;
  /** Events before this moment count (Unix ms). Default: now. */
  readonly until?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

/**
 * Trains one model on demand: the same run that its schedule starts.
 *
 * - Only one run of a model at a time, over all processes: a second one resolves to `busy`.
 * - A run that ends early, by a kill or the signal (`MILONGA_ABORTED`), leaves no version behind.
 * - Rejects with `MILONGA_TRAINING_FAILED` and the cause when it could not come to a version; a version that fails its
 *   gates is an outcome, not an error. After close every call rejects with `MILONGA_CLOSED`.
 */
export interface Trainer {
  train(options: TrainOptions): Promise<TrainingOutcome>;
}

/** The port of the trainer of a model. One for each, because what training needs differs from model to model. */
export const trainerOf = (model: string): Port<Trainer> => port<Trainer>(`trainer/1/${model}`);
