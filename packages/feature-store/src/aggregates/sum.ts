import { type Float64Type, float64, MilongaError } from '@milonga/core';
import { NumberWalk } from '../history/number-walk.ts';
import { wholeNumberForm } from '../online/whole-number-form.ts';
import type { Aggregate } from './aggregate.ts';
import { fieldType, type NumericType, type WindowableFeature, windowable } from './feature.ts';

/** How a {@link sum} adds up. */
export interface SumOptions {
  /**
   * Each term is rounded to so many decimals, 0 to 15, so that sums are exact and the same in every order and engine.
   * Default: 0 for an int32, else 6. Exact while the sum of the terms' sizes is below 2^53 units, 9e9 with 6 decimals.
   */
  readonly decimals?: number;
}

const add = (left: number, right: number): number => left + right;
const identity = (): number => 0;

/**
 * The sum of a number of the events; null counts as nothing, an unknown entity has 0.
 *
 * @throws MilongaError `MILONGA_DEFINITION_INVALID` when the event has no such number, or for bad decimals.
 * @example `coins7d: sum('coins').over(days(7))`
 */
export function sum<const Field extends string>(
  field: Field,
  options: SumOptions = {},
): WindowableFeature<Float64Type, { readonly [Name in Field]: NumericType }> {
  const { decimals } = options;
  if (decimals !== undefined && !(Number.isInteger(decimals) && decimals >= 0 && decimals <= 15)) {
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `sum('${field}').decimals must be a whole number from 0 to 15; found ${decimals}.`,
    );
  }
  return windowable(float64(), (fields) => {
    const { kind } = fieldType(fields, field, 'sum', ['int32', 'float32', 'float64']);
    return sumOf(field, decimals ?? (kind === 'int32' ? 0 : 6)) as Aggregate;
  });
}

function sumOf(field: string, decimals: number): Aggregate<number> {
  const scale = 10 ** decimals;
  return {
    description: `sum(${field}, ${decimals})`,
    field,
    type: float64(),
    identity,
    absorb: (state, value) => state + Math.floor((value as number) * scale + 0.5),
    merge: add,
    write: (state, to) => to.signedVarint(state),
    read: (from) => from.signedVarint(),
    online: wholeNumberForm({ identity, merge: add, units: (state) => state, scale }),
    sql: {
      per: 'tile',
      // The same operations on the same doubles as above, so the same units.
      expressions: (scope) => [`COALESCE(SUM(FLOOR(${scope.field} * ${scale}e0 + 0.5e0)), 0)`],
      needsTile: true,
      walk: (window) => new NumberWalk(window, scale),
    },
  };
}
