import { type LoadedModel, MilongaError, type ModelManifest } from '@milonga/core';
import { BASELINE_FILE } from '../artifact/model-files.ts';
import { judgeRanking } from '../evaluation/judge-ranking.ts';
import { judgeRetrieval } from '../evaluation/judge-retrieval.ts';
import type { Algorithm } from '../model/algorithm.ts';
import { algorithmNamed } from './algorithms.ts';
import { recordBaseline } from './baseline.ts';
import type { EarlierVersion, ReportProgress, TrainingResult, TrainingTask } from './training-task.ts';

/**
 * Fits without the holdout, judges on it, fits again on everything, and records the baseline with what was loaded from the
 * files, not with what was in memory: whatever saving loses, the judgement shows and the baseline holds.
 */
export async function runTask(task: TrainingTask, report: ReportProgress): Promise<TrainingResult> {
  const algorithm = algorithmNamed(task.algorithm);
  const clock = new PhaseClock(report);
  const first = await clock.time('fit', (onProgress) => algorithm.fit(task, { part: 'earlier', onProgress }));
  const metrics = await clock.time('evaluate', () => judge(algorithm, first.files, task));
  const liveMetrics = await clock.time('evaluate live', () => judgeLive(algorithm, task.live, task));
  const shipped = !task.refit
    ? first
    : await clock.time('refit', (onProgress) => algorithm.fit(task, { part: 'all', state: first.state, onProgress }));
  const files = new Map(shipped.files);
  await clock.time('baseline', async () => {
    const loaded = await load(algorithm, shipped.files, task);
    files.set(BASELINE_FILE, await recordBaseline(loaded, task));
    loaded.dispose();
  });
  return { files, metrics, liveMetrics, phasesMs: clock.phasesMs };
}

async function judge(
  algorithm: Algorithm,
  files: ReadonlyMap<string, Uint8Array>,
  task: TrainingTask,
): Promise<Record<string, number>> {
  const loaded = await load(algorithm, files, task);
  try {
    return task.data.kind === 'interactions' ? judgeRetrieval(loaded, task) : await judgeRanking(loaded, task);
  } finally {
    loaded.dispose();
  }
}

/** A live version that cannot be loaded or asked any more cannot be compared with; it must not keep a better one out. */
async function judgeLive(
  algorithm: Algorithm,
  live: EarlierVersion | undefined,
  task: TrainingTask,
): Promise<Record<string, number> | undefined> {
  if (live === undefined || live.manifest.runtime !== algorithm.runtime.name) return undefined;
  try {
    return await judge(algorithm, live.files, task);
  } catch (error) {
    if (MilongaError.isInstance(error)) return undefined;
    throw error;
  }
}

/** The runtimes of the built-in algorithms read nothing of a manifest that is not in the files. */
const load = (algorithm: Algorithm, files: ReadonlyMap<string, Uint8Array>, task: TrainingTask): Promise<LoadedModel> =>
  algorithm.runtime.load({ model: task.model } as ModelManifest, files);

class PhaseClock {
  readonly phasesMs: Record<string, number> = {};
  readonly #report: ReportProgress;

  constructor(report: ReportProgress) {
    this.#report = report;
  }

  async time<T>(phase: string, work: (onProgress: (fraction: number) => void) => T | Promise<T>): Promise<T> {
    const startedMs = performance.now();
    this.#report(phase, 0);
    const result = await work((fraction) => this.#report(phase, fraction));
    this.phasesMs[phase] = performance.now() - startedMs;
    return result;
  }
}
