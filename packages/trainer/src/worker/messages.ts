import type { ErrorCode } from '@milonga/core';
import type { TrainingResult } from './training-task.ts';

/** What a training worker says. */
export type WorkerMessage =
  | { readonly kind: 'progress'; readonly phase: string; readonly fraction: number | undefined }
  | { readonly kind: 'result'; readonly result: TrainingResult }
  | {
      readonly kind: 'failure';
      readonly code: ErrorCode | undefined;
      readonly message: string;
      readonly stack: string | undefined;
    };
