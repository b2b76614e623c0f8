import type { AnyPort } from '@milonga/core/app';
import type { Experiment } from '../experiment/experiment.ts';
import { type Variants, variantsOf } from '../experiment/vary.ts';
import type { AnyStage } from './any-stage.ts';

/** Which variant an experiment gives in a run; asking for it is meeting the experiment. */
export interface VariantChoice {
  variantOf(experiment: Experiment): string | undefined;
}

type Attributes = Readonly<Record<string, string>>;

/** Attributes of a stage's measurements, made once: a request measures some twenty times. */
export interface StageAttributes {
  readonly ok: Attributes;
  readonly late: Attributes;
  readonly failed: Attributes;
  readonly candidates: Attributes;
}

const attributesOf = (pipeline: string, stage: string): StageAttributes => ({
  ok: { pipeline, stage, outcome: 'ok' },
  late: { pipeline, stage, outcome: 'late' },
  failed: { pipeline, stage, outcome: 'failed' },
  candidates: { pipeline, stage },
});

/** A stage in its place in a pipeline. */
export class PlannedStage<Kind extends AnyStage = AnyStage> {
  /** The stage, or its first variant. */
  readonly stage: Kind;
  /** Place among all stages of the pipeline, from 0. */
  readonly number: number;
  readonly variants: Variants<Kind> | undefined;
  /** True once it has answered with a promise: it is then not started when no time remains. */
  isAsync: boolean = false;

  readonly #attributes: ReadonlyMap<string, StageAttributes>;
  readonly #first: StageAttributes;

  constructor(pipeline: string, stage: Kind, number: number) {
    this.stage = stage;
    this.number = number;
    this.variants = variantsOf(stage);
    this.#first = attributesOf(pipeline, stage.name);
    this.#attributes = new Map(this.names.map((name) => [name, attributesOf(pipeline, name)]));
  }

  /** The stage as it is for this run. */
  in(choice: VariantChoice): Kind {
    if (this.variants === undefined) return this.stage;
    const variant = choice.variantOf(this.variants.experiment);
    return (variant === undefined ? undefined : this.variants.stages.get(variant)) ?? this.stage;
  }

  /** Attributes of the stage or of one of its variants. */
  attributesOf(stage: Kind): StageAttributes {
    return stage === this.stage ? this.#first : (this.#attributes.get(stage.name) ?? this.#first);
  }

  get all(): readonly Kind[] {
    return this.variants === undefined ? [this.stage] : [...this.variants.stages.values()];
  }

  get names(): readonly string[] {
    return [...new Set(this.all.map((stage) => stage.name))];
  }

  get needs(): readonly AnyPort[] {
    return [...new Set(this.all.flatMap((stage) => stage.needs ?? []))];
  }
}
