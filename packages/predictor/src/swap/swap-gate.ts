import type { Clock, Frame, LoadedModel } from '@milonga/core';
import type { VersionInMemory } from '../versions/load-version.ts';
import { checkBaseline, readBaseline } from './baseline-check.ts';
import { checkDistribution } from './distribution-check.ts';
import { checkLatency } from './latency-check.ts';
import type { SwapCheck, SwapLimits, SwapReport } from './swap-report.ts';

/** What a version is held against. */
export interface SwapGateInput {
  readonly next: VersionInMemory;
  readonly live: LoadedModel | undefined;
  readonly recent: readonly Frame[];
  readonly limits: SwapLimits;
  readonly clock: Clock;
}

/**
 * Decides whether a loaded version may take traffic: it must reproduce its baseline, answer in time, and give sane scores
 * on what was recently asked. Ends at the first check that fails; a check that throws has failed.
 */
export async function runSwapGate({ next, live, recent, limits, clock }: SwapGateInput): Promise<SwapReport> {
  const baseline = readBaseline(next.manifest, next.baseline);
  const checks: SwapCheck[] = [];
  const steps: readonly (() => Promise<SwapCheck>)[] = [
    () => checkBaseline(next.manifest, baseline, next.loaded),
    () => checkLatency(baseline.inputs, next.loaded, limits.latencyMs ?? 50, clock),
    () => checkDistribution(recent, live, next.loaded, limits.distributionDistance ?? 0.95),
  ];
  for (const step of steps) {
    const check = await step();
    checks.push(check);
    if (!check.passed) return { passed: false, checks };
  }
  return { passed: true, checks };
}
