import { MilongaError } from '../errors/milonga-error.ts';
import type { Fields, Row } from '../schema/index.ts';
import { type Duration, minutes } from '../time/duration.ts';

/** An immutable, typed, timestamped fact: its fields, and what partitions and identifies it. */
export interface EventDefinition<F extends Fields = Fields> {
  readonly kind: 'event';
  /** Also the name of its topic and of its table in the lake: `[a-z][a-z0-9_-]*`. */
  readonly name: string;
  readonly fields: F;
  /** The field whose events keep their order; its value is the key in the log. */
  readonly key: string;
  /** An event further in the future than this is quarantined: clocks of clients drift, but not by more. */
  readonly maxFuture: Duration;
}

/** What {@link event} takes besides name and fields. */
export interface EventOptions<F extends Fields> {
  /** Default: the first field. It must be a string. */
  readonly key?: keyof F & string;
  /** Default: 5 minutes. */
  readonly maxFuture?: Duration;
}

const NAME = /^[a-z][a-z0-9_-]*$/;

/**
 * Defines an event. Everything of this name that enters the system is validated against `fields` at the border.
 *
 * @throws MilongaError `MILONGA_DEFINITION_INVALID` for a bad name or key.
 * @example
 * ```ts
 * const gift = event('gift', { userId: string(), streamerId: string(), coins: int32() });
 * ```
 */
export function event<const F extends Fields>(
  name: string,
  fields: F,
  options: EventOptions<F> = {},
): EventDefinition<F> {
  if (!NAME.test(name)) throw invalid(name, `its name must match ${NAME}`);
  const key = options.key ?? Object.keys(fields)[0];
  const type = key === undefined ? undefined : fields[key];
  if (key === undefined || type === undefined) throw invalid(name, `its key "${key ?? ''}" is not one of its fields`);
  if (type.kind !== 'string' || type.isNullable)
    throw invalid(name, `its key "${key}" must be a string that is not nullable; found ${type.kind}`);
  const reserved = Object.keys(fields).filter((field) => RESERVED.has(field));
  if (reserved.length > 0)
    throw invalid(name, `"${reserved.join('", "')}" are columns that every event has; rename the fields`);
  return Object.freeze({ kind: 'event', name, fields, key, maxFuture: options.maxFuture ?? minutes(5) });
}

/** Columns that the lake adds to the fields of every event. */
const RESERVED: ReadonlySet<string> = new Set(['id', 'eventAt', 'ingestedAt', 'partition', 'offset']);

const invalid = (name: string, why: string): MilongaError =>
  new MilongaError('MILONGA_DEFINITION_INVALID', `Event "${name}" cannot be defined: ${why}.`);

/** An event as an application hands it in. */
export interface IncomingEvent {
  /** Name of an {@link EventDefinition}. */
  readonly type: string;
  /** Unique per type; a repeated id is the same event. Default: a random UUID. */
  readonly id?: string;
  /** When it happened, Unix ms. Default: now. */
  readonly eventAt?: number;
  readonly payload: unknown;
}

/** A validated event. */
export interface TypedEvent<F extends Fields = Fields> {
  readonly type: string;
  readonly id: string;
  readonly eventAt: number;
  readonly payload: Row<F>;
}
