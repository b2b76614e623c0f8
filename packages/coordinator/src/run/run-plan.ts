import type { Plan } from '../plan/plan.ts';
import type { CandidateTable } from '../table/candidate-table.ts';
import { isPromise } from './outcome.ts';
import { refill } from './refill.ts';
import type { Part, Result } from './result.ts';
import type { Run } from './run.ts';
import { runSteps } from './run-steps.ts';
import { StageFailedError } from './stage-failure.ts';

/**
 * From the sources to the slate, for a run whose query is complete. What a stage that may not be skipped leaves undone, the
 * fallback sources take over; and they fill up what the filters left too short.
 */
export async function runPlan(plan: Plan, run: Run): Promise<Result> {
  const { fallback } = plan;
  let table: CandidateTable | undefined;
  let part: Part;
  try {
    const found = plan.sources!.run(run);
    table = isPromise(found) ? await found : found;
    run.throwIfOver();
    const pending = runSteps(plan, run, table, 'ranked');
    if (pending !== undefined) await pending;
    const left = table.selection.length;
    plan.select!.run(run, table);
    part = { table, rows: table.selection, endedBy: undefined };
    if (fallback === undefined || left >= plan.select!.wanted(run)) return { parts: [part], origin: 'ranked' };
  } catch (error) {
    run.throwIfOver();
    if (fallback === undefined || !(error instanceof StageFailedError)) throw error;
    run.skip(error.stage, error.cause);
    const added = await refill(plan, fallback, run, undefined);
    const ended: readonly Part[] =
      table === undefined ? [] : [{ table, rows: new Int32Array(0), endedBy: error.stage }];
    return { parts: [...ended, added], origin: 'fallback' };
  }
  return { parts: [part, await refill(plan, fallback, run, part)], origin: 'ranked' };
}
