import {
  type CandidatesAtOptions,
  Collector,
  ExperimentAssigner,
  type Fields,
  type Frame,
  MilongaError,
  type Ports,
  type Role,
  type Row,
} from '@milonga/core';
import type { Adapter, AnyPort } from '@milonga/core/app';
import type { PipelineDescription } from '../describe/describe.ts';
import { describePlan } from '../describe/describe-plan.ts';
import { toMermaid } from '../describe/mermaid.ts';
import { AfterAnswer } from '../effects/after-answer.ts';
import { SideEffectQueue } from '../effects/side-effect-queue.ts';
import { candidatesAt } from '../past/candidates-at.ts';
import type {
  AnyFilter,
  AnyHydrator,
  AnyQueryHydrator,
  AnyScorer,
  AnySelector,
  AnySideEffect,
  AnySource,
} from '../plan/any-stage.ts';
import { Plan } from '../plan/plan.ts';
import { bindStages } from '../run/binding.ts';
import { coordinatorAdapter } from '../serve/coordinator-adapter.ts';
import { recommendRole } from '../serve/recommend-role.ts';
import type { QueryPhase } from './phases.ts';
import type { BindOptions, BoundPipeline, Pipeline } from './pipeline.ts';
import { PipelineAtWork } from './pipeline-at-work.ts';
import type { PipelineOptions, RequestOf } from './pipeline-options.ts';
import { type Settings, settingsOf } from './settings.ts';

/** The types let a stage be undefined, so that one may be left out by a condition. */
const present = <Stage>(stages: readonly (Stage | undefined)[]): readonly Stage[] =>
  stages.filter((stage) => stage !== undefined);

/** One run-time class wears all phase types; every call gives a new one. */
class DefinedPipeline implements Pipeline<object, object> {
  readonly kind = 'pipeline';
  readonly name: string;
  readonly needs: readonly AnyPort[];
  readonly roles: readonly Role[] = [recommendRole];
  readonly #plan: Plan;
  readonly #settings: Settings;

  constructor(plan: Plan, settings: Settings) {
    this.name = plan.pipeline;
    this.#plan = plan;
    this.#settings = settings;
    const { experiments } = plan;
    this.needs = experiments.length === 0 ? plan.needs : [...new Set([...plan.needs, ExperimentAssigner, Collector])];
    for (const { name, unit } of experiments) {
      if (unit !== undefined && settings.input.fields[unit] === undefined) {
        throw new MilongaError(
          'MILONGA_DEFINITION_INVALID',
          `Pipeline "${plan.pipeline}" cannot be defined: experiment "${name}" assigns by "${unit}", which is not one of its input fields.`,
        );
      }
    }
  }

  get adapters(): readonly Adapter[] {
    return [coordinatorAdapter([this])];
  }

  #next(plan: Plan): DefinedPipeline {
    return new DefinedPipeline(plan, this.#settings);
  }

  query(...stages: readonly (AnyQueryHydrator | undefined)[]): DefinedPipeline {
    return this.#next(this.#plan.withQuery(present(stages)));
  }
  sources(...stages: readonly (AnySource | undefined)[]): DefinedPipeline {
    return this.#next(this.#plan.withSources(present(stages)));
  }
  fallback(...stages: readonly (AnySource | undefined)[]): DefinedPipeline {
    return this.#next(this.#plan.withFallback(present(stages)));
  }
  hydrate(...stages: readonly (AnyHydrator | undefined)[]): DefinedPipeline {
    return this.#next(this.#plan.withHydrators(present(stages)));
  }
  filter(...stages: readonly AnyFilter[]): DefinedPipeline {
    return this.#next(this.#plan.withFilters(stages));
  }
  score(stage: AnyScorer): DefinedPipeline {
    return this.#next(this.#plan.withScorer(stage));
  }
  select(...stages: readonly AnySelector[]): DefinedPipeline {
    return this.#next(this.#plan.withSelectors(stages));
  }
  returning(...names: readonly string[]): DefinedPipeline {
    return this.#next(this.#plan.withReturned(names));
  }
  sideEffects(...stages: readonly AnySideEffect[]): DefinedPipeline {
    return this.#next(this.#plan.withEffects(stages));
  }

  bind(ports: Ports, options: BindOptions = {}): BoundPipeline<object, object> {
    const plan = this.#plan;
    const binding = bindStages(plan, ports, options);
    for (const need of this.needs) if (!ports.has(need)) ports.get(need); // says what is missing
    const queue = new SideEffectQueue({
      pipeline: plan.pipeline,
      failures: binding.failures,
      clock: binding.clock,
      maxWaiting: this.#settings.maxSideEffects,
    });
    return new PipelineAtWork(plan, this.#settings, binding, new AfterAnswer(plan, queue, ports));
  }

  candidatesAt(input: object, options: CandidatesAtOptions): Promise<Frame> {
    return candidatesAt(this.#plan, this.#settings, input, options);
  }

  describe(): PipelineDescription {
    return describePlan(this.#plan, this.#settings);
  }

  toMermaid(): string {
    return toMermaid(this.describe());
  }

  /** For the adapter that serves it. */
  get experiments(): Plan['experiments'] {
    return this.#plan.experiments;
  }
}

/**
 * Begins a pipeline: where candidates come from, what is known of them, which may be shown, and in which order.
 *
 * Types accumulate with each call, so a filter cannot read what nobody hydrated, and a wrong order does not compile. The
 * finished pipeline is a plain value: put it into `defineRecommender`, or `bind` it to ports yourself.
 *
 * @throws MilongaError `MILONGA_DEFINITION_INVALID` for names, columns or options that contradict each other.
 * @example
 * ```ts
 * const forYou = pipeline('for-you', { input: { userId: string(), limit: int32() }, defaults: { limit: 20 } })
 *   .sources(fromList('editors', ['a', 'b', 'c']))
 *   .filter(keepIf('not-b', (item) => item.id !== 'b'))
 *   .select(topK((query) => query.limit, (item) => item.id.length));
 * const slate = await forYou.bind(noPorts).run({ userId: 'u1' });
 * slate.items; // [{ id: 'a' }, { id: 'c' }]
 * ```
 */
export function pipeline<const F extends Fields, Defaulted extends keyof F & string = never>(
  name: string,
  options: PipelineOptions<F, Defaulted>,
): QueryPhase<RequestOf<F, Defaulted>, Row<F>> {
  const settings = settingsOf(name, options as unknown as PipelineOptions<Fields, string>);
  return new DefinedPipeline(new Plan(name, { queryFields: options.input }), settings) as unknown as QueryPhase<
    RequestOf<F, Defaulted>,
    Row<F>
  >;
}
