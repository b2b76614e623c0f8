import type { protos } from '@google-cloud/pubsub';
import type { EventMessage } from '@milonga/core';

export type PubSubMessage = protos.google.pubsub.v1.IPubsubMessage;

/**
 * An event as a message: its value is the data; id, key and times are attributes beside its headers. What attributes cannot
 * hold (a value over 1,024 bytes, a long or strange name) goes behind the value as JSON; `milonga-tail` is its length.
 */
const NAMES = {
  id: 'milonga-id',
  key: 'milonga-key',
  eventAt: 'milonga-event-at',
  ingestedAt: 'milonga-ingested-at',
  tail: 'milonga-tail',
} as const;
const OWN: ReadonlySet<string> = new Set(Object.values(NAMES));
const MOST_ATTRIBUTES = 90;

export function encodeEvent(event: EventMessage, partition: number): PubSubMessage {
  const tail: Record<string, string> = {};
  const attributes: Record<string, string> = {};
  const all: [string, string][] = [
    [NAMES.id, event.id],
    [NAMES.key, event.key],
    [NAMES.eventAt, String(event.eventAt)],
    [NAMES.ingestedAt, String(event.ingestedAt)],
  ];
  for (const [name, value] of Object.entries(event.headers ?? {}))
    all.push([OWN.has(name) ? `\0${name}` : name, value]);
  all.forEach(([name, value], at) => {
    if (at < MOST_ATTRIBUTES && fits(name, value)) attributes[name] = value;
    else tail[name] = value;
  });
  const hasTail = Object.keys(tail).length > 0;
  const bytes = hasTail ? Buffer.from(JSON.stringify(tail)) : Buffer.alloc(0);
  if (hasTail) attributes[NAMES.tail] = String(bytes.length);
  return { data: Buffer.concat([event.value, bytes]), attributes, orderingKey: String(partition) };
}

const fits = (name: string, value: string): boolean =>
  /^(?!goog)[\x20-\x7e]{1,256}$/.test(name) && value.length <= 1_024 && Buffer.byteLength(value) <= 1_024;

/** The event in a message; one of a foreign publisher is told by the id and time that Pub/Sub gave it. */
export function decodeEvent(message: PubSubMessage): EventMessage {
  const data = dataOf(message);
  const length = Number(message.attributes?.[NAMES.tail] ?? 0);
  const hasTail = length > 0 && length <= data.length;
  const fields = { ...message.attributes, ...(hasTail && tailOf(data.subarray(data.length - length))) };
  const publishedAt = publishedAtOf(message);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (!OWN.has(name)) headers[name.startsWith('\0') ? name.slice(1) : name] = value;
  }
  return {
    id: fields[NAMES.id] ?? message.messageId ?? '',
    key: fields[NAMES.key] ?? message.orderingKey ?? '',
    eventAt: timeOf(fields[NAMES.eventAt], publishedAt),
    ingestedAt: timeOf(fields[NAMES.ingestedAt], publishedAt),
    value: hasTail ? data.subarray(0, data.length - length) : data,
    ...(Object.keys(headers).length > 0 && { headers }),
  };
}

/** When Pub/Sub took the message, Unix ms. */
export const publishedAtOf = ({ publishTime }: PubSubMessage): number =>
  Number(String(publishTime?.seconds ?? 0)) * 1_000 + (publishTime?.nanos ?? 0) / 1e6;

function dataOf({ data }: PubSubMessage): Uint8Array {
  if (data == null) return new Uint8Array();
  return typeof data === 'string' ? Buffer.from(data, 'base64') : new Uint8Array(data);
}

function tailOf(bytes: Uint8Array): Record<string, string> {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, string>;
  } catch {
    return {}; // of a foreign publisher that uses the name
  }
}

/** A text that is no number is no time: whoever decodes the event says what is wrong with it. */
const timeOf = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : Number(text || Number.NaN);
