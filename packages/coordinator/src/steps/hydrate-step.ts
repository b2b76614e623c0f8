import { type Column, type Fields, Frame, Layout, type Row, scatter } from '@milonga/core';
import type { AnyHydrator } from '../plan/any-stage.ts';
import type { PlannedStage } from '../plan/planned-stage.ts';
import { together } from '../run/attempt.ts';
import { after, type Settled } from '../run/outcome.ts';
import type { Run } from '../run/run.ts';
import { expectLength, stageFailed, stageShape } from '../run/stage-failure.ts';
import type { Awaitable } from '../stage/stage.ts';
import type { CandidateTable } from '../table/candidate-table.ts';
import { CandidateView, isWhole } from '../table/candidate-view.ts';
import { conform } from '../table/conform.ts';
import type { CandidateStep, Path } from './candidate-step.ts';

/** What a hydrator found: a dense frame of the positions in `found`; all of them when that is absent. */
interface Hydrated {
  readonly frame: Frame;
  readonly found: Int32Array | undefined;
}

const NOT_ENABLED = 'it was not enabled, and has no value to use instead';

/** Hydrators of one call. */
export class HydrateStep implements CandidateStep {
  readonly kind = 'hydrate';
  readonly stages: readonly PlannedStage<AnyHydrator>[];
  readonly layout: Layout;
  readonly #added: readonly Layout[];

  constructor(stages: readonly PlannedStage<AnyHydrator>[], before: Layout) {
    this.stages = stages;
    this.#added = stages.map(({ stage }) => Layout.of(stage.columns));
    this.layout = this.#added.reduce<Layout>((sum, added) => sum.extend(added) as unknown as Layout, before);
  }

  run(run: Run, table: CandidateTable, path: Path): Awaitable<void> {
    const { frame, selection, unavailable } = table;
    if (selection.length === 0) return this.#addNothing(table);
    const view = new CandidateView(frame, selection, unavailable);
    const outcomes = together(this.stages, run, (stage, context, at) =>
      after(stage.hydrate(view, run.query, context), (result) => hydrated(stage, this.#added[at]!, result, view)),
    );
    return after(outcomes, (settled) => {
      const columns = settled.flatMap((outcome, at) => {
        if (outcome?.isOk) return found(table, this.stages[at]!, outcome.value);
        return this.#replaced(run, table, path, at, outcome);
      });
      table.frame = new Frame(this.layout, [...frame.columns, ...columns], frame.length);
      if (settled.some((outcome) => outcome?.isOk && outcome.value.found !== undefined)) table.compact();
    });
  }

  /** Without candidates nobody is asked. */
  #addNothing(table: CandidateTable): void {
    const { columns, length } = table.frame;
    const added = this.#added.flatMap((layout) => spread(Frame.empty(layout.schema), new Int32Array(0), length));
    table.frame = new Frame(this.layout, [...columns, ...added], length);
  }

  /** What stands in for a hydrator that failed or is not enabled. */
  #replaced(
    run: Run,
    table: CandidateTable,
    path: Path,
    at: number,
    failure: Settled<Hydrated> | undefined,
  ): readonly Column[] {
    const { selection, frame } = table;
    const added = this.#added[at]!;
    const { name, onMissing, onFailure } = this.stages[at]!.in(run);
    const use =
      typeof onMissing === 'object' && (failure === undefined || onFailure === 'skip') ? onMissing.use : undefined;
    const error = failure?.isOk === false ? failure.error : undefined;
    if (use === undefined && path === 'ranked')
      throw stageFailed(run.start.pipeline, name, error ?? new Error(NOT_ENABLED));
    if (error !== undefined) run.skip(name, error);
    if (use !== undefined) return spread(repeated(added, use, selection.length), selection, frame.length);
    table.unavailable = new Set([...table.unavailable, ...added.names]);
    return spread(Frame.empty(added.schema), new Int32Array(0), frame.length);
  }
}

/** Within the attempt, so that a wrong shape is a failure of the stage like any other. */
function hydrated(
  stage: AnyHydrator,
  layout: Layout,
  result: Frame | readonly (Row<Fields> | undefined)[],
  view: CandidateView,
): Hydrated {
  expectLength(stage.name, result.length, view.length);
  if (!Array.isArray(result)) return { frame: conform(stage.name, layout, result as Frame), found: undefined };
  const rows = result as readonly (Row<Fields> | undefined)[];
  const missing = rows.indexOf(undefined);
  if (missing < 0) return { frame: Frame.fromRows(layout.schema, rows as readonly Row<Fields>[]), found: undefined };
  const { onMissing } = stage;
  if (onMissing === 'fail') throw stageShape(stage.name, `found nothing for candidate "${view.ids()[missing]}"`);
  if (onMissing !== 'drop')
    return {
      frame: Frame.fromRows(
        layout.schema,
        rows.map((row) => row ?? onMissing.use),
      ),
      found: undefined,
    };
  const found = Int32Array.from(rows.keys()).filter((position) => rows[position] !== undefined);
  return {
    frame: Frame.fromRows(
      layout.schema,
      rows.filter((row) => row !== undefined),
    ),
    found,
  };
}

const repeated = (layout: Layout, row: Row<Fields>, times: number): Frame =>
  Frame.fromRows(layout.schema, [row]).take(new Int32Array(times));

const spread = (dense: Frame, rows: Int32Array, length: number): readonly Column[] =>
  isWhole(rows, length) ? dense.columns : dense.columns.map((column) => scatter(column, rows, length));

function found(table: CandidateTable, planned: PlannedStage, { frame, found: positions }: Hydrated): readonly Column[] {
  const { selection, droppedBy } = table;
  const { length } = table.frame;
  if (positions === undefined) return spread(frame, selection, length);
  const rows = positions.map((position) => selection[position]!);
  const isFound = new Set(rows);
  for (const row of selection) if (!isFound.has(row) && droppedBy[row] === 0) table.drop(row, planned);
  return spread(frame, rows, length);
}
