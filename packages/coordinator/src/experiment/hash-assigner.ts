import { type Assignment, type ExperimentAssigner, type ExperimentShape, MilongaError } from '@milonga/core';
import { BUCKETS, bucketOf } from './bucket-hash.ts';

/** A share of a layer: buckets from `from` (inclusive) to `until` (exclusive). */
interface Segment {
  readonly from: number;
  readonly until: number;
}

/**
 * Assigns by hash, with nothing stored and nothing asked.
 *
 * - `bucketOf("layer/" + layer, unit)` places the unit in one of 10,000 buckets of the layer. Each experiment of the layer
 *   owns a range of them, so a unit meets at most one experiment of a layer.
 * - `bucketOf("variant/" + experiment, unit)` then picks the variant, by cumulative weight. Its salt differs from that of the
 *   layer, so that the arms of two experiments which follow each other in one range are independent.
 *
 * @throws MilongaError `MILONGA_DEFINITION_INVALID` when experiments of one layer overlap or need more than all of it.
 * @example
 * ```ts
 * hashAssigner([rankerTest]).assign(rankerTest, 'customer-17'); // the same in every process, on every day
 * ```
 */
export const hashAssigner = (experiments: readonly ExperimentShape[]): ExperimentAssigner =>
  new HashAssigner(experiments);

class HashAssigner implements ExperimentAssigner {
  readonly #segments: ReadonlyMap<string, Segment>;

  constructor(experiments: readonly ExperimentShape[]) {
    this.#segments = layOut(experiments);
  }

  assign(experiment: ExperimentShape, unit: string): Assignment {
    const segment = this.#segments.get(experiment.name);
    if (segment === undefined) {
      throw new MilongaError(
        'MILONGA_DEFINITION_INVALID',
        `Experiment "${experiment.name}" is used by a pipeline but not listed in the recommender. Add it to \`experiments\`.`,
      );
    }
    const place = bucketOf(`layer/${experiment.layer}`, unit);
    const isIn = place >= segment.from && place < segment.until;
    return { experiment: experiment.name, variant: isIn ? variantOf(experiment, unit) : undefined };
  }
}

function variantOf({ name, variants }: ExperimentShape, unit: string): string | undefined {
  const total = variants.reduce((sum, { weight }) => sum + weight, 0);
  const place = ((bucketOf(`variant/${name}`, unit) + 0.5) / BUCKETS) * total;
  let until = 0;
  for (const variant of variants) {
    until += variant.weight;
    if (place < until) return variant.name;
  }
  return variants.at(-1)?.name;
}

function layOut(experiments: readonly ExperimentShape[]): ReadonlyMap<string, Segment> {
  const segments = new Map<string, Segment>();
  for (const layer of new Set(experiments.map((experiment) => experiment.layer))) {
    const taken: (Segment & { readonly name: string })[] = [];
    for (const experiment of experiments) {
      if (experiment.layer !== layer) continue;
      const { name, traffic, startsAt } = experiment;
      const end = Math.max(0, ...taken.map(({ until }) => until));
      const from = startsAt === undefined ? end : Math.round(startsAt * BUCKETS);
      const segment = { name, from, until: from + Math.round(traffic * BUCKETS) };
      const other = taken.find(({ from: start, until }) => segment.from < until && start < segment.until);
      if (other !== undefined || segment.until > BUCKETS) throw overbooked(layer, name, other?.name);
      taken.push(segment);
      segments.set(name, segment);
    }
  }
  return segments;
}

const overbooked = (layer: string, name: string, other: string | undefined): MilongaError =>
  new MilongaError(
    'MILONGA_DEFINITION_INVALID',
    other === undefined
      ? `Experiment "${name}" does not fit into layer "${layer}": the traffic of its experiments adds up to more than 1.`
      : `Experiments "${name}" and "${other}" overlap in layer "${layer}"; move one with \`startsAt\`.`,
  );
