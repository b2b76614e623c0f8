import { type CandidatesAtOptions, type Frame, MilongaError, systemClock } from '@milonga/core';
import type { Settings } from '../pipeline/settings.ts';
import type { Plan } from '../plan/plan.ts';
import { bindStages } from '../run/binding.ts';
import { Run } from '../run/run.ts';
import { runQuery, runSteps } from '../run/run-steps.ts';
import { CandidateView } from '../table/candidate-view.ts';
import { portsInThePast } from './ports-in-the-past.ts';

const CLOCK = systemClock();

/**
 * Runs everything before a scorer as of a moment of the past: no deadline, no experiment, no fallback, no side effect. Every
 * failure rejects, except that of a model of which no version was live at the moment, which fails as it did then.
 */
export async function candidatesAt(
  plan: Plan,
  settings: Settings,
  input: object,
  options: CandidatesAtOptions,
): Promise<Frame> {
  const { at, before, signal } = options;
  const until = plan.steps.findIndex(
    (step) => step.kind === 'score' && step.stages.some((planned) => planned.names.includes(before)),
  );
  if (until < 0) {
    const scorers = plan.steps.flatMap((step) =>
      step.kind === 'score' ? step.stages.flatMap((planned) => planned.names) : [],
    );
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `Pipeline "${plan.pipeline}" has no scorer named "${before}". Its scorers: ${scorers.join(', ') || 'none'}.`,
    );
  }
  const query = settings.input.check(input);
  const ports = portsInThePast(options.ports, at, options.features);
  const run = new Run(
    {
      pipeline: plan.pipeline,
      query,
      requestId: `past/${at}`,
      now: at,
      startedMs: 0,
      budgetMs: Number.POSITIVE_INFINITY,
      reserveMs: 0,
      unit: String(query[settings.unit]),
      signal,
      span: undefined,
      isPast: true,
    },
    bindStages(plan, ports, { clock: CLOCK }),
  );
  run.throwIfOver();
  await runQuery(plan, run);
  const table = await plan.sources!.run(run);
  run.throwIfOver();
  await runSteps(plan, run, table, 'ranked', 0, until);
  return new CandidateView(table.frame, table.selection).toFrame();
}
