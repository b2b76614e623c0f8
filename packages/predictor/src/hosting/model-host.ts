import {
  type AliasEntry,
  type ArtifactStore,
  type Clock,
  type Logger,
  METRICS,
  MilongaError,
  type ModelDefinition,
  type ModelRegistry,
  measure,
  messageOf,
  SPANS,
  tracer,
} from '@milonga/core';
import { claimLive } from '../swap/claim-live.ts';
import { SwapJournal, type Verdict } from '../swap/swap-journal.ts';
import type { SwapLimits } from '../swap/swap-report.ts';
import { RejectedBy, tryVersion } from '../swap/try-version.ts';
import type { HostedVersion } from '../versions/hosted-version.ts';
import { RecentRequests } from './recent-requests.ts';

/** What a host works with. */
export interface ModelHostOptions {
  readonly definition: ModelDefinition;
  readonly registry: ModelRegistry;
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: SwapLimits;
}

/** What became of a version that wanted to go live. */
export interface SwapOutcome {
  readonly version: string;
  readonly adopted: boolean;
  readonly reason: string;
}

/** Waits before a version is tried again whose store could not be reached. */
const RETRY_AFTER_MS = [250, 1_000, 4_000];

/**
 * One model in this process: the live version, and the gate through which the next one must pass.
 *
 * A new version is loaded beside the live one and checked while the live one answers. Only then does the reference
 * change, which is atomic; calls in flight end on the version that they began with. Versions are tried one at a time.
 */
export class ModelHost {
  readonly definition: ModelDefinition;
  readonly recent: RecentRequests;
  readonly #options: ModelHostOptions;
  readonly #journal: SwapJournal;
  readonly #closing = new AbortController();
  #live: HostedVersion | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: ModelHostOptions) {
    const { definition, registry, clock, log, limits } = options;
    this.definition = definition;
    this.#options = options;
    this.recent = new RecentRequests(Object.keys(definition.inputs), limits.recentRequests ?? 32);
    this.#journal = new SwapJournal(registry, clock, log);
  }

  /** The version that answers; `undefined` before the first. Use it before the next `await`: a swap may retire it. */
  get live(): HostedVersion | undefined {
    return this.#live;
  }

  /**
   * Takes a version through the gate and, when it passes, moves `live` to it and switches. Whatever goes wrong, the live
   * version stays, and the reason is logged, measured, and recorded on the version. Never rejects.
   *
   * @param entry The move of an alias that names the version. Of `live`: somebody has decided already, and the version
   * must be whole only.
   * @param options.signal Gives the attempt up, without a verdict.
   */
  adopt(entry: AliasEntry, by: string, options: { readonly signal?: AbortSignal } = {}): Promise<SwapOutcome> {
    const { signal: closing } = this.#closing;
    const signal = options.signal === undefined ? closing : AbortSignal.any([closing, options.signal]);
    const mine = this.#queue.then(() =>
      tracer().startActiveSpan(SPANS.swap, { attributes: { model: this.definition.name } }, async (span) => {
        try {
          return await this.#adopt(entry, by, signal);
        } finally {
          span.end();
        }
      }),
    );
    this.#queue = mine;
    return mine;
  }

  async #adopt(entry: AliasEntry, by: string, signal: AbortSignal): Promise<SwapOutcome> {
    const version = entry.version ?? '';
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.#admit(entry, by, signal);
      } catch (error) {
        if (signal.aborted) return { version, adopted: false, reason: 'It was given up before a verdict.' };
        const isRetryable = MilongaError.isInstance(error) && error.isRetryable;
        const delayMs = isRetryable ? RETRY_AFTER_MS[tries] : undefined;
        if (delayMs === undefined) return this.#reject(entry, error, !isRetryable);
        await this.#options.clock.sleep(delayMs, signal).catch(() => {});
      }
    }
  }

  async #admit(entry: AliasEntry, by: string, signal: AbortSignal): Promise<SwapOutcome> {
    const version = entry.version ?? '';
    const isCandidate = entry.alias !== 'live';
    if (this.#live?.version === version) {
      if (isCandidate) await this.#journal.write(entry, passed('It is live already.', []));
      return { version, adopted: true, reason: 'It is live already.' };
    }
    const { hosted, checks } = await tryVersion({
      ...this.#options,
      version,
      isDecided: !isCandidate,
      live: this.#live,
      recent: this.recent.frames,
      signal,
      onDisposeFailed: this.#onDisposeFailed,
    });
    try {
      if (isCandidate && !(await claimLive(this.#options.registry, entry, by))) {
        hosted.retire();
        return { version, adopted: false, reason: 'It was live before, and was replaced meanwhile.' };
      }
      signal.throwIfAborted();
    } catch (error) {
      hosted.retire();
      throw error;
    }
    this.#switchTo(hosted);
    if (isCandidate) await this.#journal.write(entry, passed('Every check passed; traffic was switched.', checks));
    return { version, adopted: true, reason: 'Every check passed.' };
  }

  readonly #onDisposeFailed = (version: string, error: unknown): void =>
    this.#options.log.error('A model version could not give its memory back', {
      model: this.definition.name,
      version,
      error: messageOf(error),
    });

  #switchTo(next: HostedVersion): void {
    const previous = this.#live;
    const model = this.definition.name;
    this.#live = next;
    previous?.retire();
    measure(METRICS.swaps, 1, { model, outcome: 'adopted' });
    this.measureLive();
    this.#options.log.info('Model version went live', { model, version: next.version, previous: previous?.version });
  }

  /** Reports what the live version holds, and how old its data is by now. */
  measureLive(): void {
    const model = this.definition.name;
    measure(METRICS.modelBytes, this.#live?.loaded.bytes ?? 0, { model });
    if (this.#live === undefined) return;
    const { dataUntil } = this.#live.manifest;
    measure(METRICS.modelAge, (this.#options.clock.now() - dataUntil) / 1_000, { model });
  }

  async #reject(entry: AliasEntry, error: unknown, isFinal: boolean): Promise<SwapOutcome> {
    const model = this.definition.name;
    const version = entry.version ?? '';
    const reason = messageOf(error);
    measure(METRICS.swaps, 1, { model, outcome: 'rejected' });
    this.#options.log.error('Model version was rejected; the live version stays', {
      model,
      version,
      live: this.#live?.version,
      reason,
    });
    const checks = error instanceof RejectedBy ? error.checks : [];
    await this.#journal.write(entry, { outcome: 'rejected', reason, checks, isFinal });
    return { version, adopted: false, reason };
  }

  /** Takes the live version out of traffic: the alias was taken away. */
  withdraw(): void {
    if (this.#live === undefined) return;
    const model = this.definition.name;
    this.#options.log.warn('The live version was taken away; nothing answers for the model', {
      model,
      version: this.#live.version,
    });
    this.#live.retire();
    this.#live = undefined;
    this.measureLive();
  }

  /** Gives the live version's memory back after its last call, and gives up what is being tried. */
  close(): void {
    this.#closing.abort(new MilongaError('MILONGA_CLOSED', 'The predictor was closed.'));
    this.#live?.retire();
    this.#live = undefined;
  }
}

const passed = (reason: string, checks: Verdict['checks']): Verdict => ({
  outcome: 'passed',
  reason,
  checks,
  isFinal: true,
});
