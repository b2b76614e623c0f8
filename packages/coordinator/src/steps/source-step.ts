import { type CandidateFields, Frame, Layout, type Row, stackFields } from '@milonga/core';
import type { AnySource } from '../plan/any-stage.ts';
import type { PlannedStage } from '../plan/planned-stage.ts';
import { together } from '../run/attempt.ts';
import { after } from '../run/outcome.ts';
import type { Run } from '../run/run.ts';
import { stageFailed } from '../run/stage-failure.ts';
import type { Awaitable } from '../stage/stage.ts';
import type { CandidateTable } from '../table/candidate-table.ts';
import { conform } from '../table/conform.ts';
import type { KnownIds } from '../table/known-ids.ts';
import { SourceMerger, type SourceResult } from '../table/source-merger.ts';

/** Sources of one call, stacked into one layout. */
export class SourceStep {
  readonly stages: readonly PlannedStage<AnySource>[];
  readonly layout: Layout;
  readonly #merger: SourceMerger;

  /** `layout`: that of the candidates, for fallback sources. Default: all columns of all sources. */
  constructor(stages: readonly PlannedStage<AnySource>[], layout?: Layout) {
    this.stages = stages;
    this.layout =
      layout ??
      Layout.of(stages.length === 1 ? stages[0]!.stage.columns : stackFields(stages.map(({ stage }) => stage.columns)));
    this.#merger = new SourceMerger(this.layout, stages);
  }

  run(run: Run): Awaitable<CandidateTable> {
    const outcomes = together(this.stages, run, (stage, context) =>
      after(stage.fetch(run.query, context), (found) => frameOf(stage, found, run.binding.ids)),
    );
    return after(outcomes, (settled) => {
      const results: SourceResult[] = [];
      settled.forEach((outcome, source) => {
        if (outcome === undefined) return;
        const stage = this.stages[source]!.in(run);
        if (outcome.isOk) results.push({ source, frame: outcome.value });
        else if (stage.onFailure === 'fail') throw stageFailed(run.start.pipeline, stage.name, outcome.error);
        else run.skip(stage.name, outcome.error);
      });
      return this.#merger.merge(results, run.binding.ids);
    });
  }
}

/** Rows share one dictionary of ids, so that candidates of several sources are told apart without comparing strings. */
function frameOf(
  { name, columns }: AnySource,
  found: Frame<CandidateFields> | readonly Row<CandidateFields>[],
  ids: KnownIds,
): Frame {
  const frame = Array.isArray(found)
    ? Frame.fromRows(columns, found, { interners: { id: ids.interner } })
    : (found as Frame);
  return conform(name, Layout.of(columns), frame);
}
