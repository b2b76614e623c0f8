import { MilongaError } from '@milonga/core';
import type { Experiment } from './experiment.ts';

/** Where a varied stage keeps its variants. */
const variants: unique symbol = Symbol('milonga/variants');

/** What any stage is, as far as varying it goes. */
interface AnyStage {
  readonly name: string;
}

/** A stage as it is in each variant of an experiment. */
export interface Variants<Kind extends AnyStage = AnyStage> {
  readonly experiment: Experiment;
  readonly stages: ReadonlyMap<string, Kind>;
}

/**
 * Puts a stage under an experiment: `build` makes it once for each variant, with the parameters of that variant. It works for
 * every kind of stage. Units that take no part get the first variant. The unit is exposed when a request reaches the stage.
 *
 * All variants must be of one kind with the same columns; each may have a name of its own.
 *
 * @example
 * ```ts
 * .score(vary(rankerTest, ({ model }) => predict(model, { outputs: { score: 'relevance' } })))
 * ```
 */
export function vary<const Parameters extends object, Kind extends AnyStage>(
  experiment: Experiment<Parameters>,
  build: (parameters: Parameters) => Kind,
): Kind {
  const stages = new Map(experiment.variants.map(({ name, parameters }) => [name, build(parameters)]));
  const [first] = stages.values();
  for (const [variant, stage] of stages) {
    if (shapeOf(stage) === shapeOf(first!)) continue;
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `Experiment "${experiment.name}": variant "${variant}" makes a stage with other columns than the first variant. All variants of a stage need the same.`,
    );
  }
  const varied: Variants<Kind> = { experiment, stages };
  return Object.freeze({ ...first!, [variants]: varied });
}

/** The variants of a stage that was made by {@link vary}. */
export const variantsOf = <Kind extends AnyStage>(stage: Kind): Variants<Kind> | undefined =>
  (stage as { readonly [variants]?: Variants<Kind> })[variants];

/** What must be equal, as text. */
function shapeOf(stage: AnyStage): string {
  const { columns, scores } = stage as {
    readonly columns?: Readonly<Record<string, { kind: string; width: number; isNullable: boolean }>>;
    readonly scores?: readonly string[];
  };
  const types = Object.entries(columns ?? {}).map(([name, { kind, width, isNullable }]) => [
    name,
    kind,
    width,
    isNullable,
  ]);
  return JSON.stringify([Object.keys(stage).filter((key) => KINDS.has(key)), types, scores ?? []]);
}

/** The method that tells one kind of stage from another. */
const KINDS: ReadonlySet<string> = new Set(['fetch', 'hydrate', 'mask', 'score', 'select', 'run']);
