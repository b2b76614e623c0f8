import { type Float64Type, float64, MilongaError } from '@milonga/core';
import { DistinctWalk } from '../history/text-walks.ts';
import { wholeNumberForm } from '../online/whole-number-form.ts';
import { HyperLogLog } from '../sketch/hyper-log-log.ts';
import type { Aggregate } from './aggregate.ts';
import { fieldType, type TextType, type WindowableFeature, windowable } from './feature.ts';

/** How exact an {@link approxDistinct} is. */
export interface ApproxDistinctOptions {
  /**
   * The sketch has 2^precision registers of six bits; 8 to 16. It counts exactly up to 2^precision / 8 values; beyond, the
   * standard error is 1.04 / sqrt(2^precision). Default: 12, which is exact up to 512 and then within 1.6 %.
   */
  readonly precision?: number;
}

/**
 * About how many different values of a text there were; 0 for an unknown entity. Online it comes from a HyperLogLog sketch
 * (see {@link ApproxDistinctOptions}); from history it is counted exactly.
 *
 * @throws MilongaError `MILONGA_DEFINITION_INVALID` when the event has no such text, or for a bad precision.
 * @example `gifters1d: approxDistinct('userId').over(days(1))`
 */
export function approxDistinct<const Field extends string>(
  field: Field,
  options: ApproxDistinctOptions = {},
): WindowableFeature<Float64Type, { readonly [Name in Field]: TextType }> {
  const { precision = 12 } = options;
  if (!(Number.isInteger(precision) && precision >= 8 && precision <= 16)) {
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `approxDistinct('${field}').precision must be a whole number from 8 to 16; found ${precision}.`,
    );
  }
  return windowable(float64(), (fields) => {
    fieldType(fields, field, 'approxDistinct', ['string', 'enumeration']);
    return approxDistinctOf(field, precision) as Aggregate;
  });
}

function approxDistinctOf(field: string, precision: number): Aggregate<HyperLogLog> {
  const identity = (): HyperLogLog => new HyperLogLog(precision);
  const merge = (state: HyperLogLog, other: HyperLogLog): HyperLogLog => {
    state.merge(other);
    return state;
  };
  return {
    description: `approxDistinct(${field}, ${precision})`,
    field,
    type: float64(),
    identity,
    absorb: (state, value) => {
      state.add(value as string);
      return state;
    },
    merge,
    write: (state, to) => state.write(to),
    read: (from) => HyperLogLog.read(from, precision),
    online: wholeNumberForm({ identity, merge, units: (state) => state.estimate() }),
    sql: { per: 'value', expressions: () => [], needsTile: false, walk: (window) => new DistinctWalk(window) },
  };
}
