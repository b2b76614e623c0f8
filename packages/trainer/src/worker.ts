import { parentPort, workerData } from 'node:worker_threads';
import { answerTask } from './worker/answer-task.ts';
import type { TrainingTask } from './worker/training-task.ts';

// The whole of a training worker: one task comes in, one answer goes out. Found as `@milonga/trainer/worker`.
if (parentPort !== null) await answerTask(workerData as TrainingTask, parentPort);
