import { decodeRow, type EventDefinition, MilongaError, type ReceivedEvent } from '@milonga/core';

/** A received event, decoded. */
export interface DecodedEvent {
  readonly id: string;
  /** Never later than `ingestedAt`: nothing happens after it is known, whatever the clock of a client says. */
  readonly eventAt: number;
  readonly ingestedAt: number;
  readonly offset: number | undefined;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Decodes one event, or says why it cannot be decoded. */
export function decodeEvent(definition: EventDefinition, event: ReceivedEvent): DecodedEvent | MilongaError {
  const { id, eventAt, ingestedAt, offset, value } = event;
  if (!isMoment(eventAt) || !isMoment(ingestedAt)) {
    return new MilongaError(
      'MILONGA_ROW_CORRUPT',
      `An event of "${definition.name}" has the times ${eventAt} and ${ingestedAt}; both must be whole Unix ms from 0 on.`,
    );
  }
  try {
    return {
      id,
      eventAt: Math.min(eventAt, ingestedAt),
      ingestedAt,
      offset,
      payload: decodeRow(definition.fields, value),
    };
  } catch (error) {
    if (MilongaError.isInstance(error)) return error;
    throw error;
  }
}

/** Largest time that six bytes hold. */
const MOST_MOMENT = 2 ** 48 - 2;

/** True for whole Unix milliseconds that can be stored. */
export const isMoment = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_MOMENT;
