import {
  type ArtifactStore,
  type Clock,
  type Frame,
  type LoadedModel,
  MilongaError,
  type ModelDefinition,
  type ModelRegistry,
} from '@milonga/core';
import { HostedVersion } from '../versions/hosted-version.ts';
import { loadVersion, type VersionInMemory } from '../versions/load-version.ts';
import { unlessAborted, withinLimit } from './patience.ts';
import { runSwapGate } from './swap-gate.ts';
import type { SwapCheck, SwapLimits, SwapReport } from './swap-report.ts';

/** A version to try, and what it is held against. */
export interface TryOptions {
  readonly definition: ModelDefinition;
  readonly version: string;
  /** See the gate. */
  readonly isDecided: boolean;
  readonly live: HostedVersion | undefined;
  readonly recent: readonly Frame[];
  readonly registry: ModelRegistry;
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly limits: SwapLimits;
  readonly signal: AbortSignal;
  readonly onDisposeFailed: (version: string, error: unknown) => void;
}

const VERDICT_MS = 120_000;

/** A check of the gate failed. */
export class RejectedBy extends MilongaError {
  readonly checks: readonly SwapCheck[];

  constructor({ checks }: SwapReport) {
    super('MILONGA_SWAP_REJECTED', checks.find((check) => !check.passed)?.reason ?? 'A check failed.');
    this.checks = checks;
  }
}

/**
 * Loads a version beside the live one and takes it through the gate, within the limit of time.
 *
 * @returns the version, ready for traffic, and what the checks found.
 * @throws RejectedBy, and what loading throws. Nothing of the version stays in memory then.
 */
export async function tryVersion(
  options: TryOptions,
): Promise<{ readonly hosted: HostedVersion; readonly checks: readonly SwapCheck[] }> {
  const limitMs = options.limits.verdictMs ?? VERDICT_MS;
  const tooLate = new MilongaError('MILONGA_SWAP_REJECTED', `There was no verdict within ${limitMs} ms.`);
  const limit = withinLimit(options.signal, limitMs, tooLate);
  const host = ({ manifest, loaded }: VersionInMemory): HostedVersion =>
    new HostedVersion(manifest, loaded, (error) => options.onDisposeFailed(manifest.version, error));
  let hosted: HostedVersion | undefined;
  try {
    const next = await unlessAborted(limit.signal, load(options, limit.signal), (late) => host(late).retire());
    hosted = host(next);
    const report = await throughGate(next, options, limit.signal);
    if (!report.passed) throw new RejectedBy(report);
    return { hosted, checks: report.checks };
  } catch (error) {
    hosted?.retire();
    throw error;
  } finally {
    limit.end();
  }
}

async function load(
  { definition, version, registry, artifacts }: TryOptions,
  signal: AbortSignal,
): Promise<VersionInMemory> {
  const manifest = await registry.manifest(definition.name, version);
  if (manifest !== undefined) return loadVersion(definition, manifest, artifacts, signal);
  throw new MilongaError('MILONGA_MODEL_VERSION_UNKNOWN', `Model "${definition.name}" has no version "${version}".`);
}

/** The live version is not disposed of while it is compared with. */
function throughGate(next: VersionInMemory, options: TryOptions, signal: AbortSignal): Promise<SwapReport> {
  const { definition, isDecided, live, recent, limits, clock } = options;
  const run = (loaded: LoadedModel | undefined): Promise<SwapReport> =>
    runSwapGate({ definition, next, isDecided, live: loaded, recent, limits, clock, signal });
  return live === undefined || live.isDisposed ? run(undefined) : live.use(run);
}
