import {
  type AliasEntry,
  type ArtifactStore,
  type Clock,
  type Fields,
  type Frame,
  type LoadedModel,
  type Logger,
  METRICS,
  MilongaError,
  type ModelDefinition,
  type ModelManifest,
  type ModelRegistry,
  measure,
  messageOf,
  SPANS,
  tracer,
} from '@milonga/core';
import { runSwapGate } from '../swap/swap-gate.ts';
import type { SwapCheck, SwapLimits } from '../swap/swap-report.ts';
import { HostedVersion } from '../versions/hosted-version.ts';
import { loadVersion } from '../versions/load-version.ts';
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

/**
 * One model in this process: the live version, and the gate through which the next one must pass.
 *
 * A new version is loaded beside the live one and checked while the live one answers. Only then does the reference
 * change, which is atomic; calls in flight end on the version that they began with.
 */
export class ModelHost {
  readonly definition: ModelDefinition;
  readonly #options: ModelHostOptions;
  readonly #inputs: readonly string[];
  readonly #recent: RecentRequests;
  #live: HostedVersion | undefined;
  #calls = 0;

  constructor(options: ModelHostOptions) {
    this.definition = options.definition;
    this.#options = options;
    this.#inputs = Object.keys(options.definition.inputs);
    this.#recent = new RecentRequests(options.limits.recentRequests ?? 32);
  }

  get live(): HostedVersion | undefined {
    return this.#live;
  }

  /** @throws MilongaError `MILONGA_MODEL_INCOMPATIBLE` when the frame lacks an input of the model. */
  checkInputs(rows: Frame, inputs: Fields): void {
    for (const [name, wanted] of Object.entries(inputs)) {
      const found = rows.layout.schema[name];
      if (found === undefined || found.kind !== wanted.kind) {
        throw new MilongaError(
          'MILONGA_MODEL_INCOMPATIBLE',
          `Model "${this.definition.name}" reads the column "${name}" (${wanted.kind}); the frame ${found === undefined ? 'has no such column' : `has it as ${found.kind}`}.`,
        );
      }
    }
  }

  /** Remembers every sixteenth request: enough to compare versions on, cheap enough for every call. */
  remember(rows: Frame): void {
    if (this.#calls++ % 16 === 0) this.#recent.add(rows, this.#inputs);
  }

  /**
   * Takes a version through the gate and, when it passes, moves `live` to it and switches. Whatever goes wrong, the live
   * version stays and the reason is recorded on the version.
   */
  adopt(entry: AliasEntry, by: string): Promise<SwapOutcome> {
    return tracer().startActiveSpan(SPANS.swap, { attributes: { model: this.definition.name } }, async (span) => {
      try {
        return await this.#adopt(entry, by);
      } finally {
        span.end();
      }
    });
  }

  async #adopt(entry: AliasEntry, by: string): Promise<SwapOutcome> {
    const version = entry.version as string;
    if (this.#live?.version === version) return { version, adopted: true, reason: 'It is live already.' };
    let loaded: LoadedModel | undefined;
    const checks: SwapCheck[] = [];
    try {
      const manifest = await this.#manifest(version);
      const next = await loadVersion(this.definition, manifest, this.#options.artifacts);
      loaded = next.loaded;
      const { limits, clock } = this.#options;
      const report = await this.#gate({ next, live: this.#live?.loaded, recent: this.#recent.frames, limits, clock });
      checks.push(...report.checks);
      if (!report.passed) throw new MilongaError('MILONGA_SWAP_REJECTED', checks.at(-1)?.reason ?? 'A check failed.');
      if (entry.alias !== 'live') await this.#moveLive(version, by);
      this.#switchTo(new HostedVersion(manifest, loaded));
    } catch (error) {
      loaded?.dispose();
      return this.#reject(version, messageOf(error), checks);
    }
    await this.#record(version, 'passed', 'Every check passed; traffic was switched.', checks);
    return { version, adopted: true, reason: 'Every check passed.' };
  }

  /** The live version may not be disposed of while it is compared with. */
  #gate(input: Parameters<typeof runSwapGate>[0]): ReturnType<typeof runSwapGate> {
    return this.#live === undefined ? runSwapGate(input) : this.#live.use(() => runSwapGate(input));
  }

  async #manifest(version: string): Promise<ModelManifest> {
    const manifest = await this.#options.registry.manifest(this.definition.name, version);
    if (manifest !== undefined) return manifest;
    throw new MilongaError(
      'MILONGA_MODEL_VERSION_UNKNOWN',
      `Model "${this.definition.name}" has no version "${version}".`,
    );
  }

  /** Several processes may come to the same verdict; one moves the alias and the others find it moved. */
  async #moveLive(version: string, by: string): Promise<void> {
    const { registry } = this.#options;
    const model = this.definition.name;
    const current = await registry.alias(model, 'live');
    if (current?.version === version) return;
    try {
      await registry.moveAlias({
        model,
        alias: 'live',
        version,
        expectedRevision: current?.revision ?? 0,
        by,
        reason: 'Passed the swap gate.',
      });
    } catch (error) {
      const now = await registry.alias(model, 'live');
      if (now?.version !== version) throw error;
    }
  }

  #switchTo(next: HostedVersion): void {
    const previous = this.#live;
    this.#live = next;
    previous?.retire();
    measure(METRICS.swaps, 1, { model: this.definition.name, outcome: 'adopted' });
    measure(METRICS.modelBytes, next.loaded.bytes, { model: this.definition.name });
    this.#options.log.info('Model version went live', {
      model: this.definition.name,
      version: next.version,
      previous: previous?.version,
    });
  }

  async #reject(version: string, reason: string, checks: readonly SwapCheck[]): Promise<SwapOutcome> {
    measure(METRICS.swaps, 1, { model: this.definition.name, outcome: 'rejected' });
    this.#options.log.error('Model version was rejected; the live version stays', {
      model: this.definition.name,
      version,
      live: this.#live?.version,
      reason,
    });
    await this.#record(version, 'rejected', reason, checks);
    return { version, adopted: false, reason };
  }

  /** A registry that cannot be written to must not undo a swap, nor hide the verdict: the log line has it. */
  async #record(
    version: string,
    outcome: 'passed' | 'rejected',
    reason: string,
    checks: readonly SwapCheck[],
  ): Promise<void> {
    const { registry, clock, log } = this.#options;
    try {
      await registry.record({
        model: this.definition.name,
        version,
        kind: 'swap',
        outcome,
        reason,
        at: clock.now(),
        details: { checks },
      });
    } catch (error) {
      log.error('The outcome of a swap could not be recorded', {
        model: this.definition.name,
        version,
        outcome,
        reason,
        error: messageOf(error),
      });
    }
  }

  close(): void {
    this.#live?.retire();
    this.#live = undefined;
  }
}
