import type { AnyQueryHydrator, Query } from '../plan/any-stage.ts';
import type { PlannedStage } from '../plan/planned-stage.ts';
import { together } from '../run/attempt.ts';
import { after } from '../run/outcome.ts';
import type { Run } from '../run/run.ts';
import { stageFailed } from '../run/stage-failure.ts';
import type { Awaitable } from '../stage/stage.ts';

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
        const planned = this.stages[at]!;
        const stage = planned.in(run);
        if (outcome?.isOk) Object.assign(query, outcome.value);
        else if (stage.fallback === undefined)
          throw stageFailed(
            run.start.pipeline,
            stage.name,
            outcome?.error ?? new Error('It was not enabled, and has no fallback value.'),
          );
        else {
          if (outcome !== undefined) run.skip(stage.name, outcome.error);
          Object.assign(query, stage.fallback);
        }
      });
      run.query = Object.freeze(query) as Query;
    });
  }
}
