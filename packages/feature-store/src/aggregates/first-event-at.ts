import type { Fields, NullableType, TimestampType } from '@milonga/core';
import { FirstMomentWalk } from '../history/moment-walk.ts';
import { type Moment, momentForm, momentType, readMoment, writeMoment } from '../online/moment-form.ts';
import type { Aggregate } from './aggregate.ts';
import { type WindowableFeature, windowable } from './feature.ts';

const earlier = (left: Moment, right: Moment): Moment => (left <= right || Number.isNaN(right) ? left : right);

const aggregate: Aggregate<Moment> = {
  description: 'firstEventAt()',
  field: undefined,
  type: momentType,
  identity: () => Number.NaN,
  absorb: (state, _value, eventAt) => earlier(state, eventAt),
  merge: earlier,
  write: writeMoment,
  read: readMoment,
  online: momentForm('first'),
  sql: {
    per: 'tile',
    expressions: ({ eventAt }) => [`MIN(${eventAt})`],
    needsTile: true,
    walk: (window) => new FirstMomentWalk(window),
  },
};

/**
 * When the first event was; null when there was none.
 *
 * @example `firstSoldAt: firstEventAt()`
 */
export const firstEventAt = (): WindowableFeature<NullableType<TimestampType>, Fields> =>
  windowable(momentType, () => aggregate as Aggregate);
