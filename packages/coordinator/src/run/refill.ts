import type { Plan } from '../plan/plan.ts';
import type { SourceStep } from '../steps/source-step.ts';
import { type CandidateTable, DUPLICATE } from '../table/candidate-table.ts';
import { isPromise } from './outcome.ts';
import type { Part } from './result.ts';
import type { Run } from './run.ts';
import { runSteps } from './run-steps.ts';

/**
 * What the fallback sources add to a slate, in their order, after the same hydrators and filters as all candidates pass.
 * Candidates of `first` stay out: they are in the slate already, or a filter or the selection left them out.
 */
export async function refill(plan: Plan, fallback: SourceStep, run: Run, first: Part | undefined): Promise<Part> {
  const wanted = Math.max(0, plan.select!.wanted(run) - (first?.rows.length ?? 0));
  run.openReserve();
  const found = fallback.run(run);
  const table = isPromise(found) ? await found : found;
  run.throwIfOver();
  if (first !== undefined) leaveOut(table, first.table);
  const pending = runSteps(plan, run, table, 'vetted');
  if (pending !== undefined) await pending;
  return { table, rows: table.selection.slice(0, wanted), endedBy: undefined };
}

function leaveOut(table: CandidateTable, seen: CandidateTable): void {
  const known = new Set(seen.frame.column('id').toArray());
  const ids = table.frame.column('id');
  for (const row of table.selection) if (known.has(ids.at(row))) table.droppedBy[row] = DUPLICATE;
  table.compact();
}
