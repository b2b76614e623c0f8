import { type EventMessage, encodeRow, quarantined } from '@milonga/core';

const MOST_PAYLOAD = 64 * 1024;
const MOST_REASON = 2_000;

/** What is known of something that was refused. */
export interface Refused {
  readonly id: string;
  readonly type: string;
  readonly reason: string;
  readonly payload: unknown;
  /** Unix ms. */
  readonly receivedAt: number;
}

/** A refused event as an event of the quarantine, where nothing is lost but what is beyond 64 KiB. */
export function quarantineMessage({ id, type, reason, payload, receivedAt }: Refused): EventMessage {
  const cutType = wellFormed(type.slice(0, 200));
  const value = encodeRow(quarantined.fields, {
    type: cutType,
    reason: wellFormed(reason.slice(0, MOST_REASON)),
    payload: wellFormed(toJson(payload)),
    receivedAt,
  });
  return { id: wellFormed(id), key: cutType, eventAt: receivedAt, ingestedAt: receivedAt, value };
}

/** The payload as JSON, cut; what cannot be JSON is described. */
function toJson(payload: unknown): string {
  try {
    const text =
      JSON.stringify(payload, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)) ??
      String(payload);
    return text.slice(0, MOST_PAYLOAD);
  } catch (error) {
    return `not JSON: ${error instanceof Error ? error.message : String(error)}`.slice(0, MOST_REASON);
  }
}

const wellFormed = (text: string): string => text.toWellFormed();
