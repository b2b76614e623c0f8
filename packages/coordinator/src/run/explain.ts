import type { CandidateExplanation } from '@milonga/core';
import type { Plan } from '../plan/plan.ts';
import { ScoreStep } from '../steps/score-step.ts';
import { DUPLICATE } from '../table/candidate-table.ts';
import type { Part, Result } from './result.ts';
import type { Run } from './run.ts';

/** What became of every candidate of a run, from the columns that it left behind. */
export function explain(plan: Plan, run: Run, result: Result): readonly CandidateExplanation[] {
  return result.parts.flatMap((part) => explainPart(plan, run, part));
}

function explainPart(plan: Plan, run: Run, { table, rows, endedBy }: Part): readonly CandidateExplanation[] {
  const { frame, droppedBy, sources } = table;
  const chosen = new Set(rows);
  const ids = frame.column('id');
  const sourceNames = sources.map((planned) => planned.in({ variantOf: (experiment) => run.assign(experiment) }).name);
  const scores = plan.steps
    .flatMap((step) => (step instanceof ScoreStep ? step.scores : []))
    .filter((name) => frame.has(name))
    .map((name) => [name, frame.column(name).values as Float64Array] as const);
  const nameOfDrop = (row: number): string | undefined => {
    if (droppedBy[row] === 0) return chosen.has(row) ? undefined : (endedBy ?? 'select');
    const planned = plan.stages[droppedBy[row]! - 1]!;
    return planned.in({ variantOf: (experiment) => run.assign(experiment) }).name;
  };
  return Array.from(droppedBy.keys())
    .filter((row) => droppedBy[row] !== DUPLICATE)
    .map((row) => ({
      id: ids.at(row) as string,
      sources: sourceNames.filter((_name, source) => table.isNamedBy(row, source)),
      droppedBy: nameOfDrop(row),
      scores: Object.fromEntries(scores.map(([name, values]) => [name, values[row]!])),
    }));
}
