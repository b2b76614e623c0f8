import { type Duration, type Float64Type, float64, MilongaError } from '@milonga/core';
import { DecayedWalk } from '../history/decayed-walk.ts';
import { decayedForm } from '../online/decayed-form.ts';
import type { Aggregate } from './aggregate.ts';
import { addDecayed, type Decayed, NOTHING_DECAYED } from './decayed.ts';
import { type Feature, fieldType, type NumericType } from './feature.ts';

/** How fast old events lose weight. */
export interface DecayOptions {
  /** After it, an event weighs half. */
  readonly halfLife: Duration;
}

/**
 * The sum of a number of all events, each weighing half after every half-life; null counts as nothing. Online and history
 * agree to nine digits: a floating-point sum depends on the order of its terms.
 *
 * @throws MilongaError `MILONGA_DEFINITION_INVALID` when the event has no such number, or for a half-life of less than 1 ms.
 * @example `spendingLately: decayedSum('price', { halfLife: days(30) })`
 */
export function decayedSum<const Field extends string>(
  field: Field,
  options: DecayOptions,
): Feature<Float64Type, { readonly [Name in Field]: NumericType }> {
  const halfLifeMs = checkHalfLife(`decayedSum('${field}')`, options);
  return {
    type: float64(),
    window: undefined,
    define: (fields) => {
      fieldType(fields, field, 'decayedSum', ['int32', 'float32', 'float64']);
      return decayedAggregate(`decayedSum(${field}, ${halfLifeMs})`, field, halfLifeMs) as Aggregate;
    },
  };
}

/** The half-life in ms. @throws MilongaError `MILONGA_DEFINITION_INVALID` below 1 ms. */
export function checkHalfLife(what: string, { halfLife }: DecayOptions): number {
  if (halfLife.ms >= 1) return halfLife.ms;
  throw new MilongaError(
    'MILONGA_DEFINITION_INVALID',
    `${what} needs a half-life of 1 ms or more; found ${halfLife.ms} ms.`,
  );
}

/** The sum of a field, or the number of events, with decay. */
export const decayedAggregate = (
  description: string,
  field: string | undefined,
  halfLifeMs: number,
): Aggregate<Decayed> => ({
  description,
  field,
  type: float64(),
  identity: () => NOTHING_DECAYED,
  absorb: (state, value, at) => addDecayed(state, { sum: field === undefined ? 1 : (value as number), at }, halfLifeMs),
  merge: (state, other) => addDecayed(state, other, halfLifeMs),
  write: ({ sum, at }, to) => {
    to.uint48(at);
    to.float64(sum);
  },
  read: (from) => ({ at: from.uint48(), sum: from.float64() }),
  online: decayedForm(halfLifeMs),
  sql: {
    per: 'tile',
    expressions: (scope) => {
      const weight = `POWER(2e0, (${scope.eventAt} - ${scope.knownAt}) / ${halfLifeMs}e0)`;
      return [`COALESCE(SUM(${field === undefined ? weight : `${scope.field} * ${weight}`}), 0)`];
    },
    needsTile: false,
    walk: () => new DecayedWalk(halfLifeMs),
  },
});
