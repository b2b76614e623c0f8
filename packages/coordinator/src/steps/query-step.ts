import type { AnyQueryHydrator, Query } from '../plan/any-stage.ts';
import type { PlannedStage } from '../plan/planned-stage.ts';
import { together } from '../run/attempt.ts';
import { after } from '../run/outcome.ts';
import type { Run } from '../run/run.ts';
import { stageFailed } from '../run/stage-failure.ts';
import type { Awaitable } from '../stage/stage.ts';

const NOT_ENABLED = 'it was not enabled, and has no fallback to use instead';

/** Query hydrators of one call. */
export class QueryStep {
  readonly stages: readonly PlannedStage<AnyQueryHydrator>[];

  constructor(stages: readonly PlannedStage<AnyQueryHydrator>[]) {
    this.stages = stages;
  }

  run(run: Run): Awaitable<void> {
    const outcomes = together(this.stages, run, (stage, context) => stage.hydrate(run.query, context));
    return after(outcomes, (settled) => {
      const query: Record<string, unknown> = { ...run.query };
      settled.forEach((outcome, at) => {
        const { name, fallback } = this.stages[at]!.in(run);
        if (outcome?.isOk) Object.assign(query, outcome.value);
        else {
          if (fallback === undefined)
            throw stageFailed(run.start.pipeline, name, outcome?.error ?? new Error(NOT_ENABLED));
          if (outcome !== undefined) run.skip(name, outcome.error);
          Object.assign(query, fallback);
        }
      });
      run.query = Object.freeze(query) as Query;
    });
  }
}
