import { Frame } from '@milonga/core';
import type { Plan } from '../plan/plan.ts';
import type { Result } from '../run/result.ts';
import type { Run } from '../run/run.ts';
import { ScoreStep } from '../steps/score-step.ts';
import { CandidateTable } from '../table/candidate-table.ts';

/**
 * A ranked slate, kept: the columns of its sources, its scores and where it came from. What hydrators added is not kept,
 * because it is read anew, and the filters with it, whenever the slate is served.
 */
export class CachedSlate {
  readonly versions: readonly string[];
  /** Experiments that were met on the way. */
  readonly met: readonly string[];
  readonly #plan: Plan;
  readonly #frame: Frame;
  readonly #provenance: Uint32Array;
  readonly #scores: ReadonlyMap<string, Float64Array>;

  constructor(plan: Plan, run: Run, { parts }: Result) {
    const { table, rows } = parts[0]!;
    this.versions = [...run.versions];
    this.met = [...run.met.keys()];
    this.#plan = plan;
    const { names: columns, schema } = plan.sources!.layout;
    this.#frame = Frame.fromRows(schema, table.frame.toRows(rows, columns)); // with strings of its own, not those of all candidates
    this.#provenance = Uint32Array.from(
      Array.from(rows).flatMap((row) =>
        Array.from(table.provenance.subarray(row * table.words, (row + 1) * table.words)),
      ),
    );
    const names = plan.steps.flatMap((step) => (step instanceof ScoreStep ? step.scores : []));
    this.#scores = new Map(
      names.map((name) => {
        const values = table.frame.column(name).values as Float64Array;
        return [name, Float64Array.from(rows, (row) => values[row]!)];
      }),
    );
  }

  get length(): number {
    return this.#frame.length;
  }

  /** The candidates of the slate, in order, as if its sources had just named them. */
  table(): CandidateTable {
    const selection = Int32Array.from({ length: this.length }, (_, row) => row);
    const { stages } = this.#plan.sources!;
    const table = new CandidateTable(this.#frame, selection, stages, this.#provenance, new Uint16Array(this.length));
    table.scores = this.#scores;
    return table;
  }
}
