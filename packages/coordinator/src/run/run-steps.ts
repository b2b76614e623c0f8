import type { Plan } from '../plan/plan.ts';
import type { Path } from '../steps/candidate-step.ts';
import type { CandidateTable } from '../table/candidate-table.ts';
import { isPromise } from './outcome.ts';
import type { Run } from './run.ts';

/** Adds the fields of the query hydrators. */
export async function runQuery(plan: Plan, run: Run): Promise<void> {
  for (const step of plan.query) {
    const pending = step.run(run);
    if (isPromise(pending)) await pending;
    run.throwIfOver();
  }
}

/**
 * Runs the steps between sources and selection, from the one at `from` to before the one at `until`. `undefined` when all
 * of them were synchronous, which most are: nothing is then awaited.
 */
export function runSteps(
  plan: Plan,
  run: Run,
  table: CandidateTable,
  path: Path,
  from: number = 0,
  until: number = plan.steps.length,
): Promise<void> | undefined {
  for (let at = from; at < until; at += 1) {
    const pending = plan.steps[at]!.run(run, table, path);
    if (!isPromise(pending)) continue;
    return Promise.resolve(pending).then(() => {
      run.throwIfOver();
      return runSteps(plan, run, table, path, at + 1, until);
    });
  }
  return undefined;
}
