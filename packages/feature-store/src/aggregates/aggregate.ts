import type { Fields, ValueType } from '@milonga/core';
import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { SqlAggregate } from '../history/sql-aggregate.ts';
import type { OnlineForm } from '../online/online-form.ts';

/**
 * A commutative monoid over events, with a compact form in bytes: what a tile holds of one feature.
 *
 * States are numbers, or objects that `absorb` and `merge` may change; both return the state to go on with. Whatever the
 * order in which events are absorbed and states merged, the value at a moment is the same.
 */
export interface Aggregate<State = unknown> {
  /** As in the fingerprint of the view: everything that changes values. */
  readonly description: string;
  /** Field of the event that it reads; `undefined` when it only needs to know that there was one. */
  readonly field: string | undefined;
  /** Type of the feature's value. */
  readonly type: ValueType;
  /** The state of no events. */
  identity(): State;
  /** `value` is that of `field`, never null: events whose field is null are left out. */
  absorb(state: State, value: unknown, eventAt: number): State;
  /** `other` is not changed, and shares nothing with the result. */
  merge(state: State, other: State): State;
  write(state: State, to: ByteWriter): void;
  read(from: ByteReader): State;
  /** How the value at any later moment is stored online. */
  readonly online: OnlineForm<State>;
  /** How the value at a past moment is computed from rows of the lake. */
  readonly sql: SqlAggregate;
}

/** A definition that becomes an aggregate once the event's fields are known. */
export type DefineAggregate = (fields: Fields) => Aggregate;
