import type { ModelRuntime } from '@milonga/core';
import type { ReportProgress, TrainingTask } from '../worker/training-task.ts';

/** What fitting left behind. */
export interface Fitted {
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Where a second fit on more data can begin. Stays in the thread. */
  readonly state?: unknown;
}

/** How to fit. */
export interface FitOptions {
  /** `earlier` leaves the holdout out. */
  readonly part: 'earlier' | 'all';
  /** What the fit of the earlier part left behind. */
  readonly state?: unknown;
  readonly onProgress: (fraction: number) => void;
}

/** A learning algorithm as the worker knows it: data and parameters in, files out; and what loads them again. */
export interface Algorithm {
  readonly name: string;
  readonly runtime: ModelRuntime;
  fit(task: TrainingTask, options: FitOptions): Fitted;
}

export type { ReportProgress };
