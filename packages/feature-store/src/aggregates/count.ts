import { type Fields, type Float64Type, float64 } from '@milonga/core';
import { NumberWalk } from '../history/number-walk.ts';
import { wholeNumberForm } from '../online/whole-number-form.ts';
import type { Aggregate } from './aggregate.ts';
import { type WindowableFeature, windowable } from './feature.ts';

const add = (left: number, right: number): number => left + right;
const identity = (): number => 0;

const aggregate: Aggregate<number> = {
  description: 'count()',
  field: undefined,
  type: float64(),
  identity,
  absorb: (state) => state + 1,
  merge: add,
  write: (state, to) => to.varint(state),
  read: (from) => from.varint(),
  online: wholeNumberForm({ identity, merge: add, units: (state) => state }),
  sql: {
    per: 'tile',
    expressions: () => ['COUNT(*)'],
    needsTile: true,
    walk: (window) => new NumberWalk(window, 1),
  },
};

/**
 * How many events there were; 0 for an unknown entity. Exact up to 2^53.
 *
 * @example `gifts1h: count().over(hours(1))`
 */
export const count = (): WindowableFeature<Float64Type, Fields> => windowable(float64(), () => aggregate as Aggregate);
