import type { Ports } from '@milonga/core';
import type { Slate } from '../pipeline/slate.ts';
import type { AnySideEffect, Query } from '../plan/any-stage.ts';
import type { Plan } from '../plan/plan.ts';
import type { PlannedStage } from '../plan/planned-stage.ts';
import type { Result } from '../run/result.ts';
import type { Run } from '../run/run.ts';
import { idsOf, scoresOf } from '../run/run-slate.ts';
import type { Outcome } from '../stage/side-effect.ts';
import { ScoreStep } from '../steps/score-step.ts';
import type { SideEffectQueue } from './side-effect-queue.ts';
import { collectAll, exposureEvents } from './system-events.ts';

/** Everything that a pipeline does once a request is answered: its side effects, and the log of exposures. */
export class AfterAnswer {
  readonly #plan: Plan;
  readonly #queue: SideEffectQueue;
  readonly #ports: Ports;
  readonly #scores: readonly string[];

  /** `ports` holds the collector when the pipeline has experiments. */
  constructor(plan: Plan, queue: SideEffectQueue, ports: Ports) {
    this.#plan = plan;
    this.#queue = queue;
    this.#ports = ports;
    this.#scores = plan.steps.flatMap((step) => (step instanceof ScoreStep ? step.scores : []));
  }

  add(slate: Slate<object>, run: Run, result: Result): void {
    const hasExposures = run.met.size > 0;
    if (!hasExposures && this.#plan.effects.length === 0) return;
    const outcome = this.#outcome(slate, run, result);
    if (hasExposures) {
      this.#queue.add({
        stage: 'exposure',
        timeoutMs: undefined,
        run: () => collectAll(this.#ports, exposureEvents(outcome)),
      });
    }
    for (const planned of this.#plan.effects) this.#addEffect(planned, outcome, run);
  }

  drain(): Promise<void> {
    return this.#queue.drain();
  }

  #addEffect(planned: PlannedStage<AnySideEffect>, outcome: Outcome<Query, object>, run: Run): void {
    const stage = planned.in({ variantOf: (experiment) => run.assign(experiment) });
    this.#queue.add({
      stage: stage.name,
      timeoutMs: stage.timeoutMs,
      run: (signal) => {
        if (stage.enabled?.(outcome.query) === false) return;
        return stage.run(outcome, { ports: run.portsOf(planned), signal });
      },
    });
  }

  #outcome(slate: Slate<object>, run: Run, result: Result): Outcome<Query, object> {
    const { requestId, items, degraded, versions, experiments } = slate;
    const { pipeline, unit, now } = run.start;
    return {
      requestId,
      pipeline,
      unit,
      answeredAt: now,
      query: run.query,
      items,
      degraded,
      versions,
      experiments,
      ids: idsOf(result),
      scores: Object.fromEntries(this.#scores.map((name) => [name, scoresOf(result, name)])),
      candidates: result.parts.reduce((sum, { table }) => sum + table.distinct, 0),
    };
  }
}
