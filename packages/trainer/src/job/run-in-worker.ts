import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { MilongaError, messageOf } from '@milonga/core';
import type { WorkerMessage } from '../worker/messages.ts';
import type { ReportProgress, TrainingResult, TrainingTask } from '../worker/training-task.ts';

/** How a task is run. */
export interface WorkerRunOptions {
  readonly signal: AbortSignal;
  readonly onProgress: ReportProgress;
}

/**
 * Runs a task in a thread of its own, so that requests go on meanwhile, and all memory is given back at the end. The typed
 * arrays of the training set are handed over, not copied: the caller must not use them afterwards.
 *
 * @throws MilongaError `MILONGA_ABORTED` when the signal aborts (the thread is ended at once), what the task threw, and
 * `MILONGA_TRAINING_FAILED` when the thread ended by itself, for example because memory ran out.
 */
export function runInWorker(task: TrainingTask, { signal, onProgress }: WorkerRunOptions): Promise<TrainingResult> {
  if (signal.aborted) return Promise.reject(aborted(task, signal));
  const worker = new Worker(workerUrl(), {
    workerData: task,
    transferList: buffersOf(task),
    execArgv: workerOptions(process.execArgv),
    name: `milonga-train-${task.model}`,
  });
  return new Promise<TrainingResult>((resolve, reject) => {
    const onAbort = (): void => reject(aborted(task, signal));
    signal.addEventListener('abort', onAbort, { once: true });
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'progress') onProgress(message.phase, message.fraction);
      else if (message.kind === 'result') resolve(message.result);
      else reject(failureOf(task, message));
    });
    worker.on('messageerror', (error) => reject(ended(task, messageOf(error), error)));
    worker.on('error', (error) => reject(ended(task, messageOf(error), error)));
    worker.on('exit', (code) => {
      signal.removeEventListener('abort', onAbort);
      reject(ended(task, `its thread ended with code ${code} and no answer`));
    });
  }).finally(() => worker.terminate());
}

/** By the name of its export, so that it is found in source and in the build, wherever this module was bundled to. */
const workerUrl = (): URL => pathToFileURL(createRequire(import.meta.url).resolve('@milonga/trainer/worker'));

/**
 * A worker takes the options of its process, such as conditions of exports, but for the one that says what kind of program
 * was typed on the command line: the runtime refuses that one for files.
 */
function workerOptions(options: readonly string[]): string[] {
  return options.filter((option, at) => !option.startsWith('--input-type') && options[at - 1] !== '--input-type');
}

/** Every buffer that belongs to the training set alone. */
function buffersOf({ data }: TrainingTask): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const value of Object.values(data) as unknown[]) {
    if (!ArrayBuffer.isView(value) || !(value.buffer instanceof ArrayBuffer)) continue;
    if (value.byteLength === value.buffer.byteLength) buffers.add(value.buffer);
  }
  return [...buffers];
}

const aborted = ({ model }: TrainingTask, signal: AbortSignal): MilongaError =>
  new MilongaError('MILONGA_ABORTED', `Training of "${model}" was cancelled.`, { cause: signal.reason });

const ended = ({ model }: TrainingTask, why: string, cause?: unknown): MilongaError =>
  new MilongaError('MILONGA_TRAINING_FAILED', `Training of "${model}" failed: ${why}.`, { cause });

function failureOf(
  { model }: TrainingTask,
  { code, message, stack }: Extract<WorkerMessage, { kind: 'failure' }>,
): MilongaError {
  const cause = new Error(message);
  if (stack !== undefined) cause.stack = stack;
  if (code !== undefined) return new MilongaError(code, message, { cause });
  return new MilongaError('MILONGA_TRAINING_FAILED', `Training of "${model}" failed: ${message}`, { cause });
}
