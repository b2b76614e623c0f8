import { type Fields, type Float64Type, float64 } from '@milonga/core';
import type { Aggregate } from './aggregate.ts';
import { checkHalfLife, type DecayOptions, decayedAggregate } from './decayed-sum.ts';
import type { Feature } from './feature.ts';

/**
 * The number of all events, each weighing half after every half-life: what is popular now, without an edge where events
 * fall out. Online and history agree to nine digits.
 *
 * @throws MilongaError `MILONGA_DEFINITION_INVALID` for a half-life of less than 1 ms.
 * @example `trending: decayedCount({ halfLife: days(7) })`
 */
export function decayedCount(options: DecayOptions): Feature<Float64Type, Fields> {
  const halfLifeMs = checkHalfLife('decayedCount()', options);
  const aggregate = decayedAggregate(`decayedCount(${halfLifeMs})`, undefined, halfLifeMs) as Aggregate;
  return { type: float64(), window: undefined, define: () => aggregate };
}
