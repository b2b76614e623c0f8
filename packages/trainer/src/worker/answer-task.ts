import type { MessagePort } from 'node:worker_threads';
import { MilongaError, messageOf } from '@milonga/core';
import type { WorkerMessage } from './messages.ts';
import { runTask } from './run-task.ts';
import type { TrainingTask } from './training-task.ts';

/** At most so often: the other side has requests to answer. */
const PROGRESS_EVERY_MS = 50;

/** Runs a task and posts how it goes, then what came of it. Errors travel as plain data: a clone would lose their code. */
export async function answerTask(task: TrainingTask, port: Pick<MessagePort, 'postMessage'>): Promise<void> {
  const post = (message: WorkerMessage, transfer: readonly ArrayBuffer[] = []): void =>
    port.postMessage(message, transfer);
  let lastPhase = '';
  let lastMs = 0;
  try {
    const result = await runTask(task, (phase, fraction) => {
      const nowMs = performance.now();
      if (phase === lastPhase && nowMs - lastMs < PROGRESS_EVERY_MS) return;
      lastPhase = phase;
      lastMs = nowMs;
      post({ kind: 'progress', phase, fraction });
    });
    post({ kind: 'result', result });
  } catch (error) {
    post({
      kind: 'failure',
      code: MilongaError.isInstance(error) ? error.code : undefined,
      message: messageOf(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
  }
}
