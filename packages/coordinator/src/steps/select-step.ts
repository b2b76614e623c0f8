import type { AnySelector, Query } from '../plan/any-stage.ts';
import type { PlannedStage } from '../plan/planned-stage.ts';
import { failed, succeeded } from '../run/outcome.ts';
import type { Run } from '../run/run.ts';
import { stageFailed, stageShape } from '../run/stage-failure.ts';
import { recordCandidates, recordStage } from '../run/stage-telemetry.ts';
import type { CandidateTable } from '../table/candidate-table.ts';
import { CandidateView } from '../table/candidate-view.ts';

/** Selectors, each on what the one before chose. */
export class SelectStep {
  readonly stages: readonly PlannedStage<AnySelector>[];

  constructor(stages: readonly PlannedStage<AnySelector>[]) {
    this.stages = stages;
  }

  run(run: Run, table: CandidateTable): void {
    for (const planned of this.stages) {
      const stage = planned.in(run);
      const startedMs = run.binding.clock.monotonicMs();
      try {
        if (stage.enabled?.(run.query) === false) continue;
        table.selection = chosen(stage, run.query, table);
      } catch (error) {
        recordStage(run, planned.attributesOf(stage), startedMs, failed(error));
        throw stageFailed(run.start.pipeline, stage.name, error);
      }
      recordStage(run, planned.attributesOf(stage), startedMs, succeeded(undefined));
      recordCandidates(planned.attributesOf(stage), table.selection.length);
    }
  }

  /** How many items the slate should have, as the last selector that says so sees it. */
  wanted(run: Run): number {
    for (const planned of this.stages.toReversed()) {
      const stage = planned.in(run);
      try {
        if (stage.wanted === undefined || stage.enabled?.(run.query) === false) continue;
        return stage.wanted(run.query);
      } catch (error) {
        throw stageFailed(run.start.pipeline, stage.name, error);
      }
    }
    return 1;
  }
}

function chosen(stage: AnySelector, query: Query, { frame, selection }: CandidateTable): Int32Array {
  const positions = stage.select(new CandidateView(frame, selection), query);
  const isTaken = new Uint8Array(selection.length);
  const rows = new Int32Array(positions.length);
  for (let at = 0; at < positions.length; at += 1) {
    const position = positions[at]!;
    if (isTaken[position] !== 0) {
      throw stageShape(
        stage.name,
        `chose position ${position} ${isTaken[position] === undefined ? `of ${selection.length} candidates` : 'twice'}`,
      );
    }
    isTaken[position] = 1;
    rows[at] = selection[position]!;
  }
  return rows;
}
