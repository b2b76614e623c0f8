import { describeType, type Fields } from '@milonga/core';
import type { Settings } from '../pipeline/settings.ts';
import type { AnyStage } from '../plan/any-stage.ts';
import type { Plan } from '../plan/plan.ts';
import type { PlannedStage } from '../plan/planned-stage.ts';
import type { PipelineDescription, StageDescription, StepDescription, StepKind } from './describe.ts';

/** A pipeline as data. */
export function describePlan(plan: Plan, settings: Settings): PipelineDescription {
  const steps: readonly (readonly [StepKind, readonly PlannedStage[]])[] = [
    ...plan.query.map((step) => ['query', step.stages as readonly PlannedStage[]] as const),
    ['sources', (plan.sources?.stages ?? []) as readonly PlannedStage[]],
    ['fallback', (plan.fallback?.stages ?? []) as readonly PlannedStage[]],
    ...plan.steps.map((step) => [step.kind, step.stages] as const),
    ['select', (plan.select?.stages ?? []) as readonly PlannedStage[]],
    ['sideEffects', plan.effects as readonly PlannedStage[]],
  ];
  const { cache, budgetMs, reserveMs, input } = settings;
  return {
    name: plan.pipeline,
    input: input.jsonSchema(),
    budgetMs,
    reserveMs: reserveMs ?? (plan.fallback === undefined ? 0 : budgetMs / 4),
    cache: cache === undefined ? undefined : { ttlMs: cache.ttl.ms, maxEntries: cache.maxEntries },
    steps: steps
      .filter(([, stages]) => stages.length > 0)
      .map(
        ([kind, stages]): StepDescription => ({
          kind,
          stages: stages.map((planned) => describeStage(kind, planned)),
        }),
      ),
    returns: plan.returned ?? plan.layout.names,
  };
}

function describeStage(kind: StepKind, planned: PlannedStage): StageDescription {
  const { stage, variants, needs } = planned;
  return {
    name: stage.name,
    columns: columnsOf(stage),
    timeoutMs: stage.timeoutMs,
    onFailure: policyOf(kind, stage),
    needs: needs.map((need) => need.id),
    experiment:
      variants === undefined
        ? undefined
        : {
            name: variants.experiment.name,
            stages: Object.fromEntries([...variants.stages].map(([variant, { name }]) => [variant, name])),
          },
  };
}

function columnsOf(stage: AnyStage): Readonly<Record<string, string>> {
  const { columns = {}, scores = [] } = stage as AnyStage & {
    readonly columns?: Fields;
    readonly scores?: readonly string[];
  };
  return Object.fromEntries([
    ...Object.entries(columns).map(([name, type]) => [name, describeType(type)]),
    ...scores.map((name) => [name, 'float64']),
  ]);
}

function policyOf(kind: StepKind, stage: AnyStage): StageDescription['onFailure'] {
  if (kind === 'query')
    return (stage as { readonly fallback?: object }).fallback === undefined ? 'fail' : 'fallback value';
  const byDefault = kind === 'sources' || kind === 'fallback' || kind === 'sideEffects' ? 'skip' : 'fail';
  return stage.onFailure ?? byDefault;
}
