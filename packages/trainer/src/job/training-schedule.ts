import {
  Clock,
  Lake,
  type Logger,
  MilongaError,
  ModelRegistry,
  messageOf,
  type Ports,
  type Timer,
  type Trainer,
  type TrainingOutcome,
  trainerOf,
} from '@milonga/core';
import pLimit, { type LimitFunction } from 'p-limit';
import type { TrainableModel } from '../model/trainable-model.ts';
import { inDependencyOrder } from './dependency-order.ts';
import { DueTimes } from './due-times.ts';
import { waitForSwap } from './wait-for-swap.ts';

/** How long a model waits for those that it uses to be swapped, in real time. */
const SWAP_WAIT_MS = 60_000;
/** One reads the lake while another fits; more would only share the same memory. */
const AT_ONCE = 2;
const DAY_MS = 86_400_000;
/** Between two looks at a model that another process trains, in real time. */
const BUSY_MS = 500;
/** A failed run is tried again after this, twice as long each time, until the next one is due. */
const RETRY_MS = 600_000;

/** One model's place in the schedule. */
interface Entry {
  readonly model: TrainableModel;
  readonly trainer: Trainer;
  readonly times: DueTimes;
  /** End of the data that need no further run, Unix ms. */
  trainedUntil: number;
  /** Not before this moment, after failures. */
  notBefore: number;
  failures: number;
}

/**
 * Trains what is due, two models at a time and each after those that it uses, driven by the clock: a replay that moves the
 * clock through two years trains as often as two years would.
 */
export class TrainingSchedule {
  readonly #entries: readonly Entry[];
  readonly #clock: Clock;
  readonly #lake: Lake;
  readonly #registry: ModelRegistry;
  readonly #log: Logger;
  readonly #stopping: AbortController = new AbortController();
  readonly #signal: AbortSignal;
  #queue: Promise<void> = Promise.resolve();
  #timer: Timer | undefined;

  constructor(models: readonly TrainableModel[], ports: Ports, log: Logger, signal: AbortSignal) {
    this.#clock = ports.get(Clock);
    this.#lake = ports.get(Lake);
    this.#registry = ports.get(ModelRegistry);
    this.#log = log;
    this.#signal = AbortSignal.any([signal, this.#stopping.signal]);
    this.#entries = inDependencyOrder(models).map((model) => ({
      model,
      trainer: ports.get(trainerOf(model.name)),
      times: new DueTimes(model.training.schedule),
      trainedUntil: Number.NEGATIVE_INFINITY,
      notBefore: Number.NEGATIVE_INFINITY,
      failures: 0,
    }));
  }

  async start(): Promise<void> {
    for (const entry of this.#entries) entry.trainedUntil = await this.#trainedUntil(entry.model.name);
    void this.#enqueue();
  }

  /** A damaged manifest keeps this model from being trained, which says so each time; it does not keep the process from starting. */
  async #trainedUntil(model: string): Promise<number> {
    try {
      const newest = (await this.#registry.versions(model)).at(-1);
      const manifest = newest === undefined ? undefined : await this.#registry.manifest(model, newest);
      return manifest?.dataUntil ?? Number.NEGATIVE_INFINITY;
    } catch (error) {
      if (!MilongaError.isInstance(error) || error.code !== 'MILONGA_ARTIFACT_CORRUPT') throw error;
      this.#log.error('A model cannot be trained until its versions are whole again', { model, error: error.message });
      return Number.NEGATIVE_INFINITY;
    }
  }

  /** Rounds follow each other: what is due now is found when its turn comes. */
  #enqueue(): Promise<void> {
    this.#queue = this.#queue
      .then(() => this.#round())
      .catch((error: unknown) => this.#log.error('The training schedule failed', { error: messageOf(error) }));
    return this.#queue;
  }

  async #round(): Promise<void> {
    if (this.#signal.aborted) return;
    this.#timer?.cancel();
    try {
      await this.#trainWhatIsDue();
    } finally {
      this.#arm();
    }
  }

  async #trainWhatIsDue(): Promise<void> {
    const candidates = new Map<string, string>();
    const limit = pLimit(AT_ONCE);
    const runs = new Map<string, Promise<void>>();
    for (const entry of this.#entries) {
      const { name, training } = entry.model;
      const needed = training.after.flatMap((other) => runs.get(other) ?? []);
      runs.set(name, this.#trainInTurn(entry, needed, candidates, limit));
    }
    await Promise.all(runs.values());
  }

  async #trainInTurn(
    entry: Entry,
    needed: readonly Promise<void>[],
    candidates: Map<string, string>,
    limit: LimitFunction,
  ): Promise<void> {
    await Promise.all(needed);
    if (this.#signal.aborted) return;
    const until = await this.#dueOf(entry);
    if (until === undefined) return;
    await this.#awaitSwaps(entry.model, candidates);
    const outcome = await limit(() => (this.#signal.aborted ? undefined : this.#train(entry, until)));
    if (outcome?.outcome === 'candidate' && outcome.version !== undefined)
      candidates.set(entry.model.name, outcome.version);
  }

  async #dueOf(entry: Entry): Promise<number | undefined> {
    const { times, model } = entry;
    if (!times.hasOrigin) {
      const firstAt = await model.training
        .firstEventAt(this.#lake, this.#signal)
        .catch((error: unknown) => this.#cannotLook(model.name, error));
      if (firstAt !== undefined) times.beginAt(firstAt);
    }
    const now = this.#clock.now();
    return now < entry.notBefore ? undefined : times.due(now, entry.trainedUntil);
  }

  #cannotLook(model: string, error: unknown): undefined {
    if (!this.#signal.aborted)
      this.#log.error('The lake could not be asked when the data of a model begin', { model, error: messageOf(error) });
    return undefined;
  }

  /** A model that uses others is trained when their new versions are live, or were refused. */
  async #awaitSwaps({ name, training }: TrainableModel, candidates: ReadonlyMap<string, string>): Promise<void> {
    for (const needed of training.after) {
      const version = candidates.get(needed);
      if (version === undefined) continue;
      const options = { atMostMs: SWAP_WAIT_MS, signal: this.#signal };
      const isDecided = await waitForSwap(needed, version, this.#registry, this.#clock, options).catch(() => false);
      if (!isDecided && !this.#signal.aborted)
        this.#log.warn('No predictor has decided on a candidate; what uses it is trained without it', {
          model: name,
          needs: needed,
          version,
          waitedMs: SWAP_WAIT_MS,
        });
    }
  }

  async #train(entry: Entry, until: number): Promise<TrainingOutcome | undefined> {
    const { model, trainer } = entry;
    try {
      const run = { reason: 'schedule', until, unlessTrainedUntil: until, signal: this.#signal };
      let outcome = await trainer.train(run);
      // Another process may be at it, or may have died at it: then its lease runs out.
      while (outcome.outcome === 'busy') {
        await this.#clock.sleep(BUSY_MS, this.#signal);
        outcome = await trainer.train(run);
      }
      entry.trainedUntil = until;
      entry.failures = 0;
      entry.notBefore = Number.NEGATIVE_INFINITY;
      this.#report(outcome);
      return outcome;
    } catch (error) {
      if (this.#signal.aborted) return undefined;
      entry.failures += 1;
      entry.notBefore = this.#clock.now() + RETRY_MS * 2 ** (entry.failures - 1);
      this.#log.error('Training failed; the live version stays', {
        model: model.name,
        code: MilongaError.isInstance(error) ? error.code : undefined,
        error: messageOf(error),
        retryAt: new Date(entry.notBefore).toISOString(),
      });
      return undefined;
    }
  }

  #report({ model, version, outcome, reason, rows, trainMs, metrics }: TrainingOutcome): void {
    const fields = { model, version, reason, rows, trainMs: Math.round(trainMs), metrics };
    if (outcome === 'candidate') this.#log.info('Model trained', fields);
    else
      this.#log.warn(outcome === 'rejected' ? 'Model trained, but refused by its gates' : 'Training skipped', fields);
  }

  /** Wakes at the next due time; while it is unknown when the data begin, looks again now and then. */
  #arm(): void {
    if (this.#signal.aborted) return;
    const now = this.#clock.now();
    const next = Math.min(
      ...this.#entries.map(({ model, times, trainedUntil, notBefore }) =>
        Math.max(times.nextAt(trainedUntil) ?? now + Math.min(model.training.schedule.everyMs, DAY_MS), notBefore),
      ),
    );
    if (Number.isFinite(next)) this.#timer = this.#clock.at(Math.max(next, now + 1), () => void this.#enqueue());
  }

  /** Resolves when nothing that is due now is left to train. */
  settle(): Promise<void> {
    return this.#enqueue();
  }

  /** Cancels what is under way: it leaves nothing behind, and is due again at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort(new MilongaError('MILONGA_ABORTED', 'The role "train" was stopped.'));
    this.#timer?.cancel();
    await this.#queue;
  }
}
