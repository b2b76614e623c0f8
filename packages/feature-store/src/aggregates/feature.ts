import { type Duration, type Fields, MilongaError, type ValueType } from '@milonga/core';
import { type Window, windowOf } from '../view/window.ts';
import type { DefineAggregate } from './aggregate.ts';

/** A number of an event, null or not. */
export type NumericType = ValueType<number | null> & { readonly kind: 'int32' | 'float32' | 'float64' };

/** A text of an event, null or not. */
export type TextType = ValueType<string | null> & { readonly kind: 'string' | 'enumeration' };

/**
 * One value of a feature view, as it is defined: what is aggregated, and over which time. `Type` is the type of the value,
 * `Needs` the fields that the events must have.
 */
export interface Feature<out Type extends ValueType = ValueType, in Needs extends Fields = never> {
  readonly type: Type;
  /** `undefined`: over all time. */
  readonly window: Window | undefined;
  /** Makes the aggregate for events with these fields. */
  readonly define: DefineAggregate;
  /** For the compiler only; never set. */
  readonly needs?: (fields: Needs) => void;
}

/** How a window is cut. */
export interface WindowOptions {
  /** Length of a tile: the window's start moves by it. Default: about a 24th of the window, see {@link Window}. */
  readonly hop?: Duration;
}

/** A feature that may be limited to a window; without one it is over all time. */
export interface WindowableFeature<out Type extends ValueType = ValueType, in Needs extends Fields = never>
  extends Feature<Type, Needs> {
  /**
   * Only events of the last `length` count: those with `eventAt >= floor(t - length, hop)` and `eventAt < t`.
   *
   * @throws MilongaError `MILONGA_DEFINITION_INVALID` when the window has less than one or more than 1,440 hops.
   */
  over(length: Duration, options?: WindowOptions): Feature<Type, Needs>;
}

/** Makes a feature that has no window yet. */
export const windowable = <Type extends ValueType, Needs extends Fields>(
  type: Type,
  define: DefineAggregate,
): WindowableFeature<Type, Needs> => ({
  type,
  window: undefined,
  define,
  over: (length, options = {}) => ({ type, window: windowOf(length, options.hop), define }),
});

/** The type of an aggregated field. @throws MilongaError `MILONGA_DEFINITION_INVALID` when the event does not have it. */
export function fieldType(
  fields: Fields,
  field: string,
  aggregate: string,
  kinds: readonly ValueType['kind'][],
): ValueType {
  const type = fields[field];
  if (type !== undefined && kinds.includes(type.kind)) return type;
  throw new MilongaError(
    'MILONGA_DEFINITION_INVALID',
    `${aggregate}('${field}') needs a field of kind ${kinds.join(' or ')}; the event has ${type === undefined ? 'no such field' : `it as ${type.kind}`}.`,
  );
}
