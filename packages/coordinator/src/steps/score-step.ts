import { Column, Frame, float64, Layout } from '@milonga/core';
import type { AnyScorer } from '../plan/any-stage.ts';
import type { PlannedStage } from '../plan/planned-stage.ts';
import { attempt } from '../run/attempt.ts';
import { after } from '../run/outcome.ts';
import type { Run } from '../run/run.ts';
import { expectLength, stageFailed } from '../run/stage-failure.ts';
import type { Awaitable } from '../stage/stage.ts';
import type { CandidateTable } from '../table/candidate-table.ts';
import { CandidateView } from '../table/candidate-view.ts';
import type { CandidateStep, Path } from './candidate-step.ts';

type Scores = Readonly<Record<string, Float64Array>>;
const SCORE = float64();

/** A scorer. */
export class ScoreStep implements CandidateStep {
  readonly kind = 'score';
  readonly stages: readonly [PlannedStage<AnyScorer>];
  readonly layout: Layout;
  readonly scores: readonly string[];

  constructor(stage: PlannedStage<AnyScorer>, before: Layout) {
    this.stages = [stage];
    this.scores = stage.stage.scores;
    this.layout = before.extend(
      Layout.of(Object.fromEntries(this.scores.map((name) => [name, SCORE]))),
    ) as unknown as Layout;
  }

  run(run: Run, table: CandidateTable, path: Path): Awaitable<void> {
    if (path === 'vetted' || table.selection.length === 0) return this.#restore(table);
    const [planned] = this.stages;
    const { frame, selection } = table;
    const view = new CandidateView(frame, selection);
    const outcome = attempt(planned, run, (stage, context) =>
      after(stage.score(view, run.query, context), (scores) => checked(stage, scores, selection.length)),
    );
    return after(outcome, (settled) => {
      const stage = planned.in(run);
      if (settled !== undefined && !settled.isOk) {
        if (stage.onFailure !== 'skip') throw stageFailed(run.start.pipeline, stage.name, settled.error);
        run.skip(stage.name, settled.error);
      }
      this.#add(table, (name) => spread(settled?.isOk ? settled.value[name] : undefined, selection, frame.length));
    });
  }

  /** Candidates out of the cache bring their scores along; those of a fallback source have none. */
  #restore(table: CandidateTable): void {
    this.#add(table, (name) => table.scores?.get(name) ?? new Float64Array(table.frame.length).fill(Number.NaN));
  }

  #add(table: CandidateTable, valuesOf: (name: string) => Float64Array): void {
    const { columns, length } = table.frame;
    const added = this.scores.map((name) => new Column(SCORE, length, valuesOf(name)));
    table.frame = new Frame(this.layout, [...columns, ...added], length);
  }
}

/** Within the attempt, so that a wrong shape is a failure of the stage like any other. */
function checked(stage: AnyScorer, scores: Scores, candidates: number): Scores {
  for (const name of stage.scores) expectLength(stage.name, scores[name]?.length ?? 0, candidates);
  return scores;
}

/** A copy: the scorer may use its buffer again. */
function spread(dense: Float64Array | undefined, selection: Int32Array, length: number): Float64Array {
  const values = new Float64Array(length).fill(Number.NaN);
  if (dense === undefined) return values;
  for (let position = 0; position < selection.length; position += 1) values[selection[position]!] = dense[position]!;
  return values;
}
