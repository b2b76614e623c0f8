import type { CandidateExplanation } from '@milonga/core';
import type { Slate } from '../pipeline/slate.ts';
import type { Plan } from '../plan/plan.ts';
import { explain } from './explain.ts';
import type { Part, Result } from './result.ts';
import type { Run } from './run.ts';

/** The slate of one request; requests that shared a run have one each. */
export class RunSlate implements Slate<object> {
  readonly requestId: string;
  readonly items: readonly object[];
  readonly degraded: readonly string[];
  readonly versions: readonly string[];
  readonly experiments: Readonly<Record<string, string>>;
  readonly origin: Result['origin'];
  readonly #plan: Plan;
  readonly #run: Run;
  readonly #result: Result;

  constructor(requestId: string, plan: Plan, run: Run, result: Result) {
    this.requestId = requestId;
    this.items = result.parts.flatMap((part) => itemsOf(part, plan.returned));
    this.degraded = [...run.degraded];
    this.versions = [...run.versions];
    this.experiments = Object.fromEntries(run.met);
    this.origin = result.origin;
    this.#plan = plan;
    this.#run = run;
    this.#result = result;
  }

  explain(): readonly CandidateExplanation[] {
    return explain(this.#plan, this.#run, this.#result);
  }
}

function itemsOf({ table, rows }: Part, names: readonly string[] | undefined): readonly object[] {
  if (rows.length === 0) return [];
  const { frame, unavailable } = table;
  const items = (names === undefined ? frame.toRows(rows) : frame.toRows(rows, names)) as Record<string, unknown>[];
  for (const name of unavailable) {
    if (names === undefined || names.includes(name)) for (const item of items) item[name] = null;
  }
  return items;
}

/** Ids of the slate, in order. */
export const idsOf = ({ parts }: Result): readonly string[] =>
  parts.flatMap(({ table, rows }) => {
    const ids = table.frame.column('id');
    return Array.from(rows, (row) => ids.at(row) as string);
  });

/** One score column of the slate, in order. */
export function scoresOf({ parts }: Result, name: string): Float64Array {
  return Float64Array.from(
    parts.flatMap(({ table, rows }) => {
      if (rows.length === 0) return [];
      const values = table.frame.column(name).values as Float64Array;
      return Array.from(rows, (row) => values[row]!);
    }),
  );
}
