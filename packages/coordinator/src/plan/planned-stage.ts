import type { AnyPort } from '@milonga/core/app';
import type { Experiment } from '../experiment/experiment.ts';
import { type Variants, variantsOf } from '../experiment/vary.ts';
import type { AnyStage } from './any-stage.ts';

/** Which variant an experiment gives in a run; asking for it is meeting the experiment. */
export interface VariantChoice {
  variantOf(experiment: Experiment): string | undefined;
}

/** A stage in its place in a pipeline. */
export class PlannedStage<Kind extends AnyStage = AnyStage> {
  /** The stage, or its first variant. */
  readonly stage: Kind;
  /** Place among all stages of the pipeline, from 0. */
  readonly number: number;
  readonly variants: Variants<Kind> | undefined;
  /** True once it has answered with a promise: it is then not started when no time remains. */
  isAsync: boolean = false;

  constructor(stage: Kind, number: number) {
    this.stage = stage;
    this.number = number;
    this.variants = variantsOf(stage);
  }

  /** The stage as it is for this run. */
  in(choice: VariantChoice): Kind {
    if (this.variants === undefined) return this.stage;
    const variant = choice.variantOf(this.variants.experiment);
    return (variant === undefined ? undefined : this.variants.stages.get(variant)) ?? this.stage;
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
