import { type ExperimentShape, MilongaError } from '@milonga/core';

/** What {@link experiment} takes. */
export interface ExperimentOptions<Parameters extends object> {
  /** `[a-z][a-z0-9-]*`. Never use a name again: it decides which unit gets which variant. */
  readonly name: string;
  /** Experiments of one layer exclude each other; layers are independent. Default: a layer of its own. */
  readonly layer?: string;
  /** Share of the units of the layer that take part, 0 to 1. Default: 1. */
  readonly traffic?: number;
  /**
   * Where in the layer its share begins, 0 to 1. Default: after the experiments of the layer that are defined before it;
   * set it to keep the units of a running experiment when another one of its layer ends.
   */
  readonly startsAt?: number;
  /** Parameters by variant. The first variant is also what units get that take no part. */
  readonly variants: Readonly<Record<string, Parameters>>;
  /** Relative sizes of the variants. Default: all equal. */
  readonly weights?: Readonly<Record<string, number>>;
  /** The field of the query whose value is assigned. Default: the `unit` of the pipeline. */
  readonly unit?: string;
}

/** A layered A/B test with the parameters that its variants change. */
export interface Experiment<out Parameters extends object = object> extends ExperimentShape {
  readonly kind: 'experiment';
  readonly startsAt: number | undefined;
  readonly unit: string | undefined;
  readonly variants: readonly { readonly name: string; readonly weight: number; readonly parameters: Parameters }[];
}

/**
 * Defines an experiment. A stage takes its parameters through {@link vary}.
 *
 * @throws MilongaError `MILONGA_DEFINITION_INVALID` for a bad name, share or weight, or fewer than two variants.
 * @example
 * ```ts
 * const rankerTest = experiment({
 *   name: 'ranker-test',
 *   layer: 'ranking',
 *   traffic: 0.2,
 *   variants: { control: { model: 'ranker' }, treatment: { model: 'ranker-wide' } },
 * });
 * ```
 */
export function experiment<const Parameters extends object>(
  options: ExperimentOptions<Parameters>,
): Experiment<Parameters> {
  const { name, layer = name, traffic = 1, startsAt, unit } = options;
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw invalid(name, 'its name must match [a-z][a-z0-9-]*');
  const isShare = (share: number): boolean => share >= 0 && share <= 1;
  if (!isShare(traffic)) throw invalid(name, `traffic must be from 0 to 1; found ${traffic}`);
  if (startsAt !== undefined && !isShare(startsAt + traffic)) {
    throw invalid(name, `startsAt and traffic together must be from 0 to 1; found ${startsAt} and ${traffic}`);
  }
  const variants = Object.entries(options.variants).map(([variant, parameters]) => {
    const weight = options.weights?.[variant] ?? (options.weights === undefined ? 1 : 0);
    if (!(weight >= 0 && Number.isFinite(weight)))
      throw invalid(name, `the weight of "${variant}" must be a number >= 0; found ${weight}`);
    return { name: variant, weight, parameters };
  });
  if (variants.length < 2) throw invalid(name, `it needs two variants or more; found ${variants.length}`);
  if (variants.every(({ weight }) => weight === 0)) throw invalid(name, 'no variant has a weight above 0');
  return Object.freeze({ kind: 'experiment', name, layer, traffic, startsAt, unit, variants });
}

const invalid = (name: string, why: string): MilongaError =>
  new MilongaError('MILONGA_DEFINITION_INVALID', `Experiment "${name}" cannot be defined: ${why}.`);
