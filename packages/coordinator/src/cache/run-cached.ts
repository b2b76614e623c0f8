import type { Plan } from '../plan/plan.ts';
import { refill } from '../run/refill.ts';
import type { Part, Result } from '../run/result.ts';
import type { Run } from '../run/run.ts';
import { runSteps } from '../run/run-steps.ts';
import type { CachedSlate } from './cached-slate.ts';

/**
 * Serves a kept slate: hydrates and filters it anew, and fills up what the filters took out. `undefined` when it is not fit
 * to be served: a stage failed, or too little is left and there is nothing to fill it up from.
 */
export async function runCached(plan: Plan, run: Run, cached: CachedSlate): Promise<Result | undefined> {
  const table = cached.table();
  const pending = runSteps(plan, run, table, 'vetted');
  if (pending !== undefined) await pending;
  if (table.unavailable.size > 0 || run.degraded.size > 0) return undefined;
  for (const version of cached.versions) run.versions.add(version);
  for (const experiment of plan.experiments) if (cached.met.includes(experiment.name)) run.variantOf(experiment);
  const part: Part = { table, rows: table.selection, endedBy: undefined };
  if (part.rows.length === cached.length) return { parts: [part], origin: 'cache' };
  if (plan.fallback === undefined) return undefined;
  return { parts: [part, await refill(plan, plan.fallback, run, part)], origin: 'cache' };
}
