import type { Clock, Frame, LoadedModel, ModelDefinition } from '@milonga/core';
import type { VersionInMemory } from '../versions/load-version.ts';
import { checkBaseline, readBaseline } from './baseline-check.ts';
import { checkDistribution } from './distribution-check.ts';
import { checkLatency } from './latency-check.ts';
import { checkRetrieval } from './retrieval-check.ts';
import type { SwapCheck, SwapLimits, SwapReport } from './swap-report.ts';

/** What a version is held against. */
export interface SwapGateInput {
  readonly definition: ModelDefinition;
  readonly next: VersionInMemory;
  /**
   * True for a version that a person or another process has made live already: it must be whole (baseline, retrieval), but
   * is not compared with what it replaces, which may be the very version that somebody flees from.
   */
  readonly isDecided: boolean;
  readonly live: LoadedModel | undefined;
  readonly recent: readonly Frame[];
  readonly limits: SwapLimits;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Decides whether a loaded version may take traffic: it must reproduce its baseline, propose items if it is to, answer in
 * time, and give sane scores on what was recently asked. Ends at the first check that fails; a check that throws has failed.
 */
export async function runSwapGate(input: SwapGateInput): Promise<SwapReport> {
  const { definition, next, isDecided, live, recent, limits, clock, signal } = input;
  const { manifest, loaded } = next;
  const baseline = readBaseline(manifest, next.baseline);
  const steps: (() => Promise<SwapCheck>)[] = [
    () => checkBaseline(manifest, baseline, loaded, signal),
    () => checkRetrieval(definition, baseline.inputs, loaded, signal),
  ];
  if (!isDecided)
    steps.push(
      () => checkLatency(baseline.inputs, loaded, limits.latencyMs ?? 50, clock, signal),
      () => checkDistribution(recent, live, loaded, limits.distributionDistance ?? 0.95, signal),
    );
  const checks: SwapCheck[] = [];
  for (const step of steps) {
    const check = await step();
    checks.push(check);
    if (!check.passed) return { passed: false, checks };
  }
  return { passed: true, checks };
}
