import { type Fields, Layout, MilongaError } from '@milonga/core';
import type { AnyPort } from '@milonga/core/app';
import type { Experiment } from '../experiment/experiment.ts';
import type { CandidateStep } from '../steps/candidate-step.ts';
import { FilterStep } from '../steps/filter-step.ts';
import { HydrateStep } from '../steps/hydrate-step.ts';
import { QueryStep } from '../steps/query-step.ts';
import { ScoreStep } from '../steps/score-step.ts';
import { SelectStep } from '../steps/select-step.ts';
import { SourceStep } from '../steps/source-step.ts';
import { DUPLICATE } from '../table/candidate-table.ts';
import type {
  AnyFilter,
  AnyHydrator,
  AnyQueryHydrator,
  AnyScorer,
  AnySelector,
  AnySideEffect,
  AnySource,
  AnyStage,
} from './any-stage.ts';
import { PlannedStage } from './planned-stage.ts';

/** The steps of a pipeline, compiled when it is defined: layouts, numbers and names are settled before any request. */
export class Plan {
  readonly pipeline: string;
  readonly query: readonly QueryStep[];
  readonly sources: SourceStep | undefined;
  readonly fallback: SourceStep | undefined;
  readonly steps: readonly CandidateStep[];
  readonly select: SelectStep | undefined;
  /** Columns that become fields of items; all when undefined. */
  readonly returned: readonly string[] | undefined;
  readonly effects: readonly PlannedStage<AnySideEffect>[];
  /** Types of the query's fields, as far as they are declared. */
  readonly queryFields: Fields;
  /** All stages, by number. */
  readonly stages: readonly PlannedStage[];

  constructor(pipeline: string, from: Partial<Plan> = {}) {
    this.pipeline = pipeline;
    this.query = from.query ?? [];
    this.sources = from.sources;
    this.fallback = from.fallback;
    this.steps = from.steps ?? [];
    this.select = from.select;
    this.returned = from.returned;
    this.effects = from.effects ?? [];
    this.queryFields = from.queryFields ?? {};
    this.stages = from.stages ?? [];
  }

  /** Columns of the candidates so far. */
  get layout(): Layout {
    return this.steps.at(-1)?.layout ?? this.sources?.layout ?? Layout.of<Fields>({});
  }

  get needs(): readonly AnyPort[] {
    return [...new Map(this.stages.flatMap((planned) => planned.needs).map((need) => [need.key, need])).values()];
  }

  get experiments(): readonly Experiment[] {
    return [...new Set(this.stages.flatMap(({ variants }) => (variants === undefined ? [] : [variants.experiment])))];
  }

  withQuery(stages: readonly AnyQueryHydrator[]): Plan {
    for (const { name, enabled, fallback } of stages) {
      if (enabled !== undefined && fallback === undefined)
        throw this.#invalid(`query hydrator "${name}" may be disabled and has no fallback to use instead`);
    }
    return this.#with(stages, (planned) => ({
      query: [...this.query, new QueryStep(planned)],
      queryFields: Object.assign({}, this.queryFields, ...stages.map((stage) => stage.columns ?? {})) as Fields,
    }));
  }
  withSources(stages: readonly AnySource[]): Plan {
    return this.#with(stages, (planned) => ({ sources: new SourceStep(planned) }));
  }
  withFallback(stages: readonly AnySource[]): Plan {
    return this.#with(stages, (planned) => ({ fallback: new SourceStep(planned, this.layout) }));
  }
  withHydrators(stages: readonly AnyHydrator[]): Plan {
    for (const { name, enabled, onMissing } of stages) {
      if (enabled !== undefined && typeof onMissing !== 'object')
        throw this.#invalid(
          `hydrator "${name}" may be disabled and has no value to use instead; give it \`onMissing: { use: … }\``,
        );
    }
    return this.#withStep(stages, (planned) => new HydrateStep(planned, this.layout));
  }
  withFilters(stages: readonly AnyFilter[]): Plan {
    return this.#withStep(stages, (planned) => new FilterStep(planned, this.layout));
  }
  withScorer(stage: AnyScorer): Plan {
    return this.#withStep([stage], (planned) => new ScoreStep(planned[0]!, this.layout));
  }
  withSelectors(stages: readonly AnySelector[]): Plan {
    return this.#with(stages, (planned) => ({ select: new SelectStep(planned) }));
  }
  withReturned(names: readonly string[]): Plan {
    for (const name of names) {
      if (!this.layout.slots.has(name))
        throw this.#invalid(`it returns "${name}", which no item has; there are ${this.layout.names.join(', ')}`);
    }
    return new Plan(this.pipeline, { ...this, returned: names });
  }
  withEffects(stages: readonly AnySideEffect[]): Plan {
    return this.#with(stages, (planned) => ({ effects: [...this.effects, ...planned] }));
  }

  #withStep<Kind extends AnyStage>(
    stages: readonly Kind[],
    make: (planned: readonly PlannedStage<Kind>[]) => CandidateStep,
  ): Plan {
    return this.#with(stages, (planned) => ({ steps: [...this.steps, make(planned)] }));
  }

  #with<Kind extends AnyStage>(
    stages: readonly Kind[],
    change: (planned: readonly PlannedStage<Kind>[]) => Partial<Plan>,
  ): Plan {
    const planned = stages.map((stage, at) => new PlannedStage(this.pipeline, stage, this.stages.length + at));
    const all: readonly PlannedStage[] = [...this.stages, ...(planned as readonly PlannedStage[])];
    this.#checkNames(planned, all);
    if (all.length >= DUPLICATE) throw this.#invalid(`it has ${all.length} stages; ${DUPLICATE - 1} are the most`);
    try {
      return new Plan(this.pipeline, { ...this, stages: all, ...change(planned) });
    } catch (error) {
      if (!MilongaError.isInstance(error)) throw error;
      throw new MilongaError(
        'MILONGA_DEFINITION_INVALID',
        `Pipeline "${this.pipeline}" cannot be defined: ${error.message}`,
        { cause: error },
      );
    }
  }

  #checkNames(added: readonly PlannedStage[], all: readonly PlannedStage[]): void {
    for (const planned of added) {
      for (const name of planned.names) {
        if (name === '') throw this.#invalid('a stage has an empty name');
        if (all.some((other) => other !== planned && other.names.includes(name))) {
          throw this.#invalid(
            `two stages are named "${name}"; give one another name, such as \`{ ...stage, name: "${name}-2" }\``,
          );
        }
      }
    }
  }

  #invalid(why: string): MilongaError {
    return new MilongaError('MILONGA_DEFINITION_INVALID', `Pipeline "${this.pipeline}" cannot be defined: ${why}.`);
  }
}
