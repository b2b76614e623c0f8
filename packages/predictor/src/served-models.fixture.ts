import { memory } from '@milonga/adapters-local';
import {
  type AliasEntry,
  ArtifactModelRegistry,
  ArtifactStore,
  type Clock,
  type LogFields,
  type Logger,
  type ModelRegistry,
  systemClock,
  type VersionRecord,
} from '@milonga/core';
import { createApp } from '@milonga/core/app';
import { AliasFollower } from './following/alias-follower.ts';
import { InProcessPredictor } from './hosting/in-process-predictor.ts';
import type { ModelHost, SwapOutcome } from './hosting/model-host.ts';
import { LinearRuntime, linearDefinition, type StoredDifferently, storeLinear } from './linear-model.fixture.ts';
import type { SwapLimits } from './swap/swap-report.ts';

/** Keeps what was logged. */
export class LogLines implements Logger {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: LogFields }[] = [];
  debug = (message: string, fields: LogFields = {}): void => void this.lines.push({ level: 'debug', message, fields });
  info = (message: string, fields: LogFields = {}): void => void this.lines.push({ level: 'info', message, fields });
  warn = (message: string, fields: LogFields = {}): void => void this.lines.push({ level: 'warn', message, fields });
  error = (message: string, fields: LogFields = {}): void => void this.lines.push({ level: 'error', message, fields });
  with = (): Logger => this;
}

/** Artifacts that any number of processes share. */
export interface SharedStores {
  readonly artifacts: ArtifactStore;
  readonly registry: ModelRegistry;
  readonly clock: Clock;
}

export async function sharedStores(clock: Clock = systemClock()): Promise<SharedStores> {
  const { artifacts } = await createApp([memory()]).resolve({ artifacts: ArtifactStore });
  return { artifacts, clock, registry: new ArtifactModelRegistry({ artifacts, clock, pollMs: 5 }) };
}

/** What one process holds: a predictor with one linear model, and the role's follower. */
export class ServedModel {
  readonly runtime: LinearRuntime = new LinearRuntime();
  readonly log: LogLines = new LogLines();
  readonly stores: SharedStores;
  readonly predictor: InProcessPredictor;
  readonly follower: AliasFollower;

  constructor(
    stores: SharedStores,
    limits: SwapLimits = {},
    runtime: LinearRuntime = new LinearRuntime(),
    pastVersions?: number,
  ) {
    // A registry of its own, as another process has it: nothing is known of the moves of the others but by asking.
    const registry = new ArtifactModelRegistry({ artifacts: stores.artifacts, clock: stores.clock, pollMs: 5 });
    this.runtime = runtime;
    this.stores = { ...stores, registry };
    this.predictor = new InProcessPredictor({
      models: [linearDefinition(runtime)],
      ...this.stores,
      log: this.log,
      limits,
      ...(pastVersions === undefined ? {} : { pastVersions }),
    });
    this.follower = new AliasFollower({ host: this.host, ...this.stores, log: this.log });
  }

  get host(): ModelHost {
    return this.predictor.hosts.get('linear')!;
  }

  get live(): string | undefined {
    return this.predictor.liveVersion('linear');
  }

  store(version: string, differently: StoredDifferently = {}): ReturnType<typeof storeLinear> {
    return storeLinear(version, this.stores, differently);
  }

  /** Moves an alias, as a trainer or a person does. */
  async name(alias: 'live' | 'candidate', version: string | undefined): Promise<AliasEntry> {
    const { registry } = this.stores;
    const expectedRevision = (await registry.alias('linear', alias))?.revision ?? 0;
    return registry.moveAlias({ model: 'linear', alias, version, expectedRevision, by: 'test', reason: 'test' });
  }

  /** Stores a version, names it candidate, and gives what the gate made of it. */
  async try(version: string, differently: StoredDifferently = {}): Promise<SwapOutcome> {
    await this.store(version, differently);
    return this.host.adopt(await this.name('candidate', version), 'test');
  }

  records(version: string): Promise<readonly VersionRecord[]> {
    return this.stores.registry.records('linear', version);
  }

  async stop(): Promise<void> {
    await this.follower.stop();
    this.predictor.close();
  }
}
