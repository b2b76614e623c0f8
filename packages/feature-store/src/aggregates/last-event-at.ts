import type { Fields, NullableType, TimestampType } from '@milonga/core';
import { LastMomentWalk } from '../history/moment-walk.ts';
import { type Moment, momentForm, momentType, readMoment, writeMoment } from '../online/moment-form.ts';
import type { Aggregate } from './aggregate.ts';
import { type WindowableFeature, windowable } from './feature.ts';

const later = (left: Moment, right: Moment): Moment => (left >= right || Number.isNaN(right) ? left : right);

const aggregate: Aggregate<Moment> = {
  description: 'lastEventAt()',
  field: undefined,
  type: momentType,
  identity: () => Number.NaN,
  absorb: (state, _value, eventAt) => later(state, eventAt),
  merge: later,
  write: writeMoment,
  read: readMoment,
  online: momentForm('last'),
  sql: { per: 'tile', expressions: () => [], needsTile: false, walk: (window) => new LastMomentWalk(window) },
};

/**
 * When the last event was; null when there was none.
 *
 * @example `lastSeenAt: lastEventAt()`
 */
export const lastEventAt = (): WindowableFeature<NullableType<TimestampType>, Fields> =>
  windowable(momentType, () => aggregate as Aggregate);
