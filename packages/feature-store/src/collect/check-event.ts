import { type EventDefinition, type EventMessage, encodeRow, type FeatureViewShape, validate } from '@milonga/core';
import { v7 } from 'uuid';
import { MOST_PART_BYTES } from '../keys/entity-key.ts';
import { isMoment } from '../streams/decode-event.ts';
import { fitsKey } from '../tiles/entity-batches.ts';
import { compiledViews } from '../view/compiled-view.ts';

/** An event that may pass, or why it may not. */
export type CheckedEvent =
  | {
      readonly message: EventMessage;
      readonly event: EventDefinition;
      readonly isNew: boolean;
      readonly reason?: undefined;
    }
  | { readonly id: string; readonly type: string; readonly payload: unknown; readonly reason: string };

/** Longest id, in characters. */
const MOST_ID_LENGTH = 256;

/** Checks events at the border, one by one. Never throws for a bad one. */
export class EventCheck {
  readonly #events: ReadonlyMap<string, EventDefinition>;
  readonly #keyFields: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #mostBytes: number;

  constructor(events: readonly EventDefinition[], views: readonly FeatureViewShape[], mostBytes: number) {
    this.#events = new Map(events.map((event) => [event.name, event]));
    this.#keyFields = new Map(events.map((event) => [event.name, new Set([event.key, ...keyFieldsOf(event, views)])]));
    this.#mostBytes = mostBytes;
  }

  check(incoming: unknown, now: number): CheckedEvent {
    if (typeof incoming !== 'object' || incoming === null || Array.isArray(incoming))
      return { id: v7(), type: '', payload: incoming, reason: 'an event must be an object' };
    const { type, id: givenId, eventAt = now, payload } = incoming as Readonly<Record<string, unknown>>;
    const isNew = givenId === undefined;
    const id = isNew ? v7() : givenId;
    const refused = (reason: string, kept: unknown = payload ?? incoming): CheckedEvent => ({
      id: typeof id === 'string' && id !== '' ? id.slice(0, MOST_ID_LENGTH) : v7(),
      type: describeType(type),
      payload: kept,
      reason,
    });
    if (typeof id !== 'string' || id === '' || id.length > MOST_ID_LENGTH)
      return refused(`id: expected a string of 1 to ${MOST_ID_LENGTH} characters`, incoming);
    const event = typeof type === 'string' ? this.#events.get(type) : undefined;
    if (event === undefined) return refused(`unknown event type ${JSON.stringify(describeType(type).slice(0, 80))}`);
    const withTime = { eventAt, payload }; // the time is what is wrong, so it is kept too
    if (!isMoment(eventAt)) return refused('eventAt: expected whole Unix milliseconds from 0 on', withTime);
    if (eventAt > now + event.maxFuture.ms)
      return refused(`eventAt: more than ${event.maxFuture.ms} ms in the future`, withTime);
    const { value: row, issues } = validate(event.fields, payload);
    if (row === undefined) return refused(issues.map(({ message }) => message).join('; '));
    for (const field of this.#keyFields.get(event.name)!) {
      const part = (row as Readonly<Record<string, unknown>>)[field];
      if (typeof part === 'string' && !fitsKey(part))
        return refused(`${field}: a part of a key may have ${MOST_PART_BYTES} bytes, found ${Buffer.byteLength(part)}`);
    }
    const value = encodeRow(event.fields, row);
    if (value.length > this.#mostBytes)
      return refused(`payload: ${value.length} bytes; at most ${this.#mostBytes} are allowed`);
    const key = (row as Readonly<Record<string, unknown>>)[event.key] as string;
    return { event, isNew, message: { id, key, eventAt: Math.min(eventAt, now), ingestedAt: now, value } };
  }
}

const describeType = (type: unknown): string => (typeof type === 'string' ? type.slice(0, 200) : typeof type);

const keyFieldsOf = (event: EventDefinition, views: readonly FeatureViewShape[]): readonly string[] =>
  views.flatMap((view) => {
    const compiled = compiledViews.get(view);
    return compiled !== undefined && compiled.event.name === event.name ? compiled.keyFields : [];
  });
