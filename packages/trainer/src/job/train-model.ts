import { randomBytes } from 'node:crypto';
import {
  ArtifactStore,
  Clock,
  Lease,
  type LeaseHold,
  type Logger,
  METRICS,
  MilongaError,
  ModelRegistry,
  measure,
  messageOf,
  type Ports,
  SPANS,
  silentLogger,
  type TrainingOutcome,
  type TrainOptions,
  tracer,
} from '@milonga/core';
import type { AnyPort } from '@milonga/core/app';
import { liveVersion } from '../artifact/live-version.ts';
import { storeVersion, totalBytes } from '../artifact/store-version.ts';
import { sweepVersions } from '../artifact/sweep-versions.ts';
import { askGates } from '../gate/ask-gates.ts';
import type { PreparedTraining, TrainableModel } from '../model/trainable-model.ts';
import type { TrainingResult, TrainingTask } from '../worker/training-task.ts';
import { nameCandidate } from './name-candidate.ts';
import { runInWorker } from './run-in-worker.ts';
import { skipped } from './skipped.ts';

/** Ports that every run uses, besides those of the model's training. */
export const RUN_NEEDS: readonly AnyPort[] = [ModelRegistry, ArtifactStore, Lease, Clock];

/** How a run is made. */
export interface TrainModelOptions extends TrainOptions {
  /** Holds {@link RUN_NEEDS} and the model's `training.needs()`. */
  readonly ports: Ports;
  readonly log?: Logger;
  /** Skip when a version with data until this moment or later exists already, such as one of another process. */
  readonly unlessTrainedUntil?: number;
  /** Where fitting and judging happen. Default: a thread of its own. */
  readonly run?: typeof runInWorker;
}

/** A lease is lost this long after its holder died. */
const LEASE_MS = 30_000;

/**
 * Trains one version of a model: lease, training set, fit and judgement in a worker, gates, artifact with baseline, registry,
 * alias `candidate`. A plain function over ports; the role `train` calls it by schedule, `Trainer` on demand.
 *
 * @throws MilongaError `MILONGA_ABORTED`, `MILONGA_TRAINING_FAILED`, and what its ports throw; then there is no version.
 */
export async function trainModel(model: TrainableModel, options: TrainModelOptions): Promise<TrainingOutcome> {
  const { ports } = options;
  const clock = ports.get(Clock);
  const until = options.until ?? clock.now();
  const startedMs = clock.monotonicMs();
  const hold = await ports.get(Lease).acquire(`train/${model.name}`, { ttlMs: LEASE_MS });
  if (hold === undefined) return skipped(model, until, 'Another run of this model is under way.', 'busy');
  return tracer().startActiveSpan(SPANS.train, { attributes: { model: model.name } }, async (span) => {
    try {
      const outcome = await new TrainingRun(model, options, until, hold).run();
      measure(METRICS.trainDuration, clock.monotonicMs() - startedMs, { model: model.name, outcome: outcome.outcome });
      return outcome;
    } catch (error) {
      measure(METRICS.trainDuration, clock.monotonicMs() - startedMs, { model: model.name, outcome: 'failed' });
      throw asTrainingError(model, error, hold, options.signal);
    } finally {
      span.end();
      await hold.release();
    }
  });
}

function asTrainingError(
  model: TrainableModel,
  error: unknown,
  hold: LeaseHold,
  signal: AbortSignal | undefined,
): MilongaError {
  if (signal?.aborted)
    return new MilongaError('MILONGA_ABORTED', `Training of "${model.name}" was cancelled.`, { cause: error });
  if (hold.signal.aborted)
    return new MilongaError(
      'MILONGA_TRAINING_FAILED',
      `Training of "${model.name}" lost its lease on the way; another run may have begun.`,
      { cause: error, isRetryable: true },
    );
  if (MilongaError.isInstance(error)) return error;
  return new MilongaError('MILONGA_TRAINING_FAILED', `Training of "${model.name}" failed: ${messageOf(error)}`, {
    cause: error,
  });
}

/** One run under its lease. */
class TrainingRun {
  readonly #model: TrainableModel;
  readonly #options: TrainModelOptions;
  readonly #until: number;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  readonly #registry: ModelRegistry;
  readonly #artifacts: ArtifactStore;
  readonly #startedMs: number;
  readonly #phasesMs: Record<string, number> = {};

  constructor(model: TrainableModel, options: TrainModelOptions, until: number, hold: LeaseHold) {
    const { ports, signal } = options;
    this.#model = model;
    this.#options = options;
    this.#until = until;
    this.#signal = signal === undefined ? hold.signal : AbortSignal.any([signal, hold.signal]);
    this.#clock = ports.get(Clock);
    this.#registry = ports.get(ModelRegistry);
    this.#artifacts = ports.get(ArtifactStore);
    this.#startedMs = this.#clock.monotonicMs();
  }

  async run(): Promise<TrainingOutcome> {
    const { name, training } = this.#model;
    if (await this.#isTrainedAlready())
      return skipped(this.#model, this.#until, 'A version with these data exists already.');
    await sweepVersions(name, training.keep, this.#artifacts, this.#registry);
    const prepared = await this.#timed('read', () => this.#prepare());
    if (prepared.rows < training.minimumRows)
      return skipped(
        this.#model,
        this.#until,
        `${prepared.rows} rows of data; at least ${training.minimumRows} are wanted.`,
      );
    const live = await liveVersion(this.#model, this.#until - training.holdoutMs, this.#artifacts, this.#registry);
    const result = await this.#fit({ ...this.#task(prepared), live: live.version });
    const liveFound =
      live.version === undefined || result.liveMetrics === undefined
        ? undefined
        : { version: live.version.manifest.version, metrics: result.liveMetrics };
    return this.#finish(prepared, result, liveFound, live.whyNot ?? 'the live version cannot be loaded.');
  }

  async #isTrainedAlready(): Promise<boolean> {
    const { unlessTrainedUntil } = this.#options;
    if (unlessTrainedUntil === undefined) return false;
    const newest = (await this.#registry.versions(this.#model.name)).at(-1);
    if (newest === undefined) return false;
    const manifest = await this.#registry.manifest(this.#model.name, newest);
    return manifest !== undefined && manifest.dataUntil >= unlessTrainedUntil;
  }

  #prepare(): Promise<PreparedTraining> {
    const { ports, log = silentLogger } = this.#options;
    return this.#model.training.prepare({
      ports,
      until: this.#until,
      holdoutFrom: this.#until - this.#model.training.holdoutMs,
      signal: this.#signal,
      log,
      onProgress: (fraction) => this.#progress('read', fraction),
    });
  }

  #task({ data }: PreparedTraining): Omit<TrainingTask, 'live'> {
    const { name, algorithm, inputs, outputs, retrievalInputs, training } = this.#model;
    const { parameters, columns, cutoffs, refit } = training;
    return { model: name, algorithm, inputs, outputs, retrievalInputs, parameters, columns, cutoffs, refit, data };
  }

  async #fit(task: TrainingTask): Promise<TrainingResult> {
    const { run = runInWorker } = this.#options;
    const startedMs = this.#clock.monotonicMs();
    const result = await run(task, {
      signal: this.#signal,
      onProgress: (phase, fraction) => this.#progress(phase, fraction),
    });
    Object.assign(this.#phasesMs, result.phasesMs);
    const inPhases = Object.values(result.phasesMs).reduce((sum, ms) => sum + ms, 0);
    this.#phasesMs.worker = Math.max(0, this.#clock.monotonicMs() - startedMs - inPhases);
    return result;
  }

  async #finish(
    prepared: PreparedTraining,
    result: TrainingResult,
    live: { readonly version: string; readonly metrics: Readonly<Record<string, number>> } | undefined,
    whyNoLive: string,
  ): Promise<TrainingOutcome> {
    const { name, training, algorithm } = this.#model;
    const { metrics, files } = result;
    const trainMs = this.#clock.monotonicMs() - this.#startedMs;
    const judged = { model: name, metrics, live, rows: prepared.rows, trainMs, bytes: totalBytes(files) };
    const gates = await askGates(training.gates, { ...judged, whyNoLive: live === undefined ? whyNoLive : undefined });
    const version = versionName(this.#until);
    const facts = {
      version,
      createdAt: this.#clock.now(),
      dataFrom: prepared.dataFrom,
      dataUntil: this.#until,
      rows: prepared.rows,
      trainMs,
      metrics,
      gates,
    };
    const stores = { artifacts: this.#artifacts, registry: this.#registry, signal: this.#signal };
    const manifest = await this.#timed('store', () => storeVersion(this.#model, files, facts, stores));
    const verdict = await nameCandidate(manifest, live, this.#registry, this.#clock, this.#options.reason);
    const { dataFrom, dataUntil, rows, bytes } = manifest;
    return {
      model: name,
      algorithm,
      version,
      ...verdict,
      dataFrom,
      dataUntil,
      rows,
      trainMs,
      phasesMs: this.#phasesMs,
      bytes,
      metrics,
      gates,
    };
  }

  async #timed<T>(phase: string, work: () => Promise<T>): Promise<T> {
    const startedMs = this.#clock.monotonicMs();
    this.#progress(phase, 0);
    const result = await work();
    this.#phasesMs[phase] = this.#clock.monotonicMs() - startedMs;
    return result;
  }

  #progress(phase: string, fraction: number | undefined): void {
    this.#options.onProgress?.({ phase, fraction });
  }
}

/** Sorts by the end of the data, and is never given twice. */
const versionName = (until: number): string =>
  `${new Date(until).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}-${randomBytes(3).toString('hex')}`;
