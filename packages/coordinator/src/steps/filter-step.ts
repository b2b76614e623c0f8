import type { Layout } from '@milonga/core';
import type { AnyFilter } from '../plan/any-stage.ts';
import type { PlannedStage } from '../plan/planned-stage.ts';
import { failed, type Settled, succeeded } from '../run/outcome.ts';
import type { Run } from '../run/run.ts';
import { expectLength, stageFailed, stageShape } from '../run/stage-failure.ts';
import { recordCandidates, recordStage } from '../run/stage-telemetry.ts';
import type { CandidateTable } from '../table/candidate-table.ts';
import { CandidateView } from '../table/candidate-view.ts';
import type { CandidateStep, Path } from './candidate-step.ts';

/** Filters of one call, one after the other. */
export class FilterStep implements CandidateStep {
  readonly kind = 'filter';
  readonly stages: readonly PlannedStage<AnyFilter>[];
  readonly layout: Layout;

  constructor(stages: readonly PlannedStage<AnyFilter>[], layout: Layout) {
    this.stages = stages;
    this.layout = layout;
  }

  run(run: Run, table: CandidateTable, path: Path): void {
    for (const planned of this.stages) {
      const stage = planned.in(run);
      const startedMs = run.binding.clock.monotonicMs();
      const outcome = evaluate(stage, run, table);
      if (outcome === undefined) continue;
      recordStage(run, planned.attributesOf(stage), startedMs, outcome);
      if (outcome.isOk) keep(table, planned, outcome.value);
      else if (stage.onFailure === 'skip') run.skip(stage.name, outcome.error);
      else if (path === 'ranked') throw stageFailed(run.start.pipeline, stage.name, outcome.error);
      else {
        run.skip(stage.name, outcome.error);
        keep(table, planned, new Uint8Array(table.selection.length)); // what cannot be judged is dropped
      }
      recordCandidates(planned.attributesOf(stage), table.selection.length);
    }
  }
}

/** `undefined` when the filter is not enabled. A filter runs whether time remains or not: nothing passes unseen. */
function evaluate(
  stage: AnyFilter,
  run: Run,
  { frame, selection, unavailable }: CandidateTable,
): Settled<Uint8Array> | undefined {
  try {
    if (stage.enabled?.(run.query) === false) return undefined;
    const mask = stage.mask(new CandidateView(frame, selection, unavailable), run.query);
    if (!(mask instanceof Uint8Array))
      throw stageShape(
        stage.name,
        'returned something else than a Uint8Array; a filter answers at once, with one byte per candidate',
      );
    expectLength(stage.name, mask.length, selection.length);
    return succeeded(mask);
  } catch (error) {
    return failed(error);
  }
}

/** A new selection each time: a filter that kept the old one cannot disturb what follows. */
function keep(table: CandidateTable, planned: PlannedStage, mask: Uint8Array): void {
  const { selection } = table;
  const kept = new Int32Array(selection.length);
  let count = 0;
  for (let position = 0; position < mask.length; position += 1) {
    const row = selection[position]!;
    if (mask[position] === 1) kept[count++] = row;
    else table.drop(row, planned);
  }
  table.selection = count === kept.length ? selection : kept.subarray(0, count);
}
