import type { Layout } from '@milonga/core';
import type { PlannedStage } from '../plan/planned-stage.ts';
import type { Run } from '../run/run.ts';
import type { Awaitable } from '../stage/stage.ts';
import type { CandidateTable } from '../table/candidate-table.ts';

/**
 * How candidates came to a step. `ranked`: from the sources, to be scored; a stage that fails ends the path. `vetted`: from
 * the fallback sources or the result cache; hydrators and filters run as they do otherwise, nothing is scored, and a
 * stage that fails costs only the candidates that depend on it.
 */
export type Path = 'ranked' | 'vetted';

/** The stages of one call between the sources and the selection. */
export interface CandidateStep {
  readonly kind: 'hydrate' | 'filter' | 'score';
  readonly stages: readonly PlannedStage[];
  /** Columns after the step. */
  readonly layout: Layout;
  run(run: Run, table: CandidateTable, path: Path): Awaitable<void>;
}
