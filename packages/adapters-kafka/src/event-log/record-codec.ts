import { isUtf8 } from 'node:buffer';
import { deadLetterTopicOf, type EventMessage, MilongaError, type ReceivedEvent } from '@milonga/core';
import type { FetchedRecord, OutgoingRecord, RecordHeaders } from '../client/kafka-client.ts';
import { partitionOfBytes } from './key-partition.ts';

/**
 * The header that makes a record an event: `<event at> <ingested at> <id>`, in text so that other tools can read it.
 * The times are JavaScript's shortest exact notation of Unix ms.
 */
export const EVENT_HEADER = 'milonga-event';
/** What a record takes besides its parts, at most. */
const RECORD_BYTES = 64;

/** An event as a record, or why it cannot be one. */
export function encodeEvent(topic: string, event: EventMessage, partitions: number): OutgoingRecord | MilongaError {
  const { id, key, eventAt, ingestedAt, value } = event;
  if (typeof id !== 'string' || typeof key !== 'string') return invalid('`id` and `key` must be strings', typeof key);
  if (!(value instanceof Uint8Array)) return invalid('`value` must be a Uint8Array', typeof value);
  if (!Number.isFinite(eventAt)) return invalid('`eventAt` must be Unix ms', String(eventAt));
  if (!Number.isFinite(ingestedAt)) return invalid('`ingestedAt` must be Unix ms', String(ingestedAt));
  const wrong = event.headers && Object.entries(event.headers).find(([, header]) => typeof header !== 'string');
  if (wrong !== undefined) return invalid(`the header "${wrong[0]}" must be a string`, typeof wrong[1]);
  const keyBytes = Buffer.from(key);
  const own = `${eventAt} ${ingestedAt} ${id}`;
  return {
    topic,
    partition: partitionOfBytes(keyBytes, partitions),
    key: keyBytes,
    value: Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength),
    headers: event.headers === undefined ? { [EVENT_HEADER]: own } : { ...event.headers, [EVENT_HEADER]: own },
  };
}

const invalid = (expected: string, found: string): MilongaError =>
  new MilongaError('MILONGA_SCHEMA_INVALID', `An event cannot be published: ${expected}; found ${found}.`);

/** About how many bytes a record takes in a batch. Never less than it does. */
export function sizeOf({ key, value, headers }: OutgoingRecord): number {
  let bytes = RECORD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
  for (const name in headers) {
    const header = headers[name];
    for (const part of Array.isArray(header) ? header : [header]) bytes += name.length * 3 + 8 + lengthOf(part);
  }
  return bytes;
}

const lengthOf = (part: string | Buffer | undefined): number =>
  typeof part === 'string' ? part.length * 3 : (part?.length ?? 0);

/**
 * The event in a record, or in words why there is none. A record that another producer wrote is an event too: its id is
 * its position, and its times are the record's own.
 */
export function decodeRecord(topic: string, partition: number, record: FetchedRecord): ReceivedEvent | string {
  const { key, value, offset } = record;
  if (value === null) return 'the record has no value';
  const own = lastOf(record.headers[EVENT_HEADER]);
  if (own === undefined) {
    if (key !== null && !isUtf8(key)) return 'the key of the record is not UTF-8';
    const { timestamp } = record;
    const id = `${topic}/${partition}/${offset}`;
    return received({ id, key: key === null ? '' : key.toString(), eventAt: timestamp, ingestedAt: timestamp }, record);
  }
  const text = own.toString();
  const first = text.indexOf(' ');
  const second = text.indexOf(' ', first + 1);
  const eventAt = first > 0 ? Number(text.slice(0, first)) : Number.NaN;
  const ingestedAt = second > first + 1 ? Number(text.slice(first + 1, second)) : Number.NaN;
  if (!Number.isFinite(eventAt) || !Number.isFinite(ingestedAt))
    return `the header "${EVENT_HEADER}" must be "<event at> <ingested at> <id>"; found ${JSON.stringify(text.slice(0, 80))}`;
  return received({ id: text.slice(second + 1), key: key?.toString() ?? '', eventAt, ingestedAt }, record);
}

function received(
  event: { readonly id: string; readonly key: string; readonly eventAt: number; readonly ingestedAt: number },
  { value, headers, offset }: FetchedRecord,
): ReceivedEvent {
  const rest = textHeaders(headers);
  const { id, key, eventAt, ingestedAt } = event;
  return rest === undefined
    ? { id, key, eventAt, ingestedAt, value: value!, offset }
    : { id, key, eventAt, ingestedAt, value: value!, headers: rest, offset };
}

function textHeaders(headers: RecordHeaders): Readonly<Record<string, string>> | undefined {
  let rest: Record<string, string> | undefined;
  for (const name in headers) {
    if (name === EVENT_HEADER) continue;
    const value = lastOf(headers[name]);
    if (value === undefined) continue;
    rest ??= {};
    rest[name] = value.toString();
  }
  return rest;
}

/** Of a header that came several times, the last one counts, as a later one replaces an earlier in HTTP and JSON. */
const lastOf = (header: RecordHeaders[string]): string | Buffer | undefined =>
  Array.isArray(header) ? header.at(-1) : (header as string | Buffer | undefined);

/**
 * A fetched record as a dead letter: key, value and headers as they were, and the reasons added. It is an event even when
 * the record was none, so that whoever reads dead letters can read them all.
 */
export function deadLetterOf(
  place: { readonly topic: string; readonly partition: number },
  record: FetchedRecord,
  headers: Readonly<Record<string, string>>,
): OutgoingRecord {
  const { key, value, offset, timestamp } = record;
  const event = decodeRecord(place.topic, place.partition, record);
  const original = record.headers[EVENT_HEADER];
  const isEvent = typeof event !== 'string';
  const id = isEvent ? event.id : `${place.topic}/${place.partition}/${offset}`;
  const { eventAt, ingestedAt } = isEvent ? event : { eventAt: timestamp, ingestedAt: timestamp };
  return {
    topic: deadLetterTopicOf(place.topic),
    partition: 0,
    key,
    value: value ?? Buffer.alloc(0),
    headers: {
      ...record.headers,
      ...(isEvent || original === undefined ? {} : { 'milonga-original-event': original }),
      ...(value === null ? { 'milonga-value-missing': 'true' } : {}),
      ...headers,
      [EVENT_HEADER]: `${eventAt} ${ingestedAt} ${id}`,
    },
  };
}
