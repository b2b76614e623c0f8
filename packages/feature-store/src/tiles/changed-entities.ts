import type { EventMessage } from '@milonga/core';
import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import type { KeyParts } from '../keys/entity-key.ts';
import { onlineKey } from '../keys/online-key.ts';
import { hashText } from '../sketch/text-hash.ts';

/**
 * Entities of one bucket travel in one message, and messages of a bucket in one partition: so an entity is never
 * materialised by two workers at once.
 */
const BUCKETS = 16;
const VERSION = 1;
const SEED = 0x1f83d9ab;
const writer = new ByteWriter(4_096);
const reader = new ByteReader();

/** Where and when a batch of events changed entities. */
export interface ChangeOrigin {
  readonly topic: string;
  readonly partition: number;
  /** Of the batch's first and last event; `undefined` for brokers without offsets. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  readonly newestEventAt: number;
  /** Of the event that has waited longest, Unix ms. */
  readonly oldestIngestedAt: number;
}

/** Packs entities into messages, one a bucket: `1 | number of entities | parts as texts`, numbers as varints. */
export function changeMessages(
  entity: string,
  changed: readonly KeyParts[],
  origin: ChangeOrigin,
): readonly EventMessage[] {
  const buckets: KeyParts[][] = [];
  for (const parts of changed) {
    const bucket = hashText(onlineKey(entity, parts), SEED) % BUCKETS;
    buckets[bucket] ??= [];
    buckets[bucket].push(parts);
  }
  const messages: EventMessage[] = [];
  buckets.forEach((members, bucket) => {
    messages.push({
      id: `${origin.topic}/${origin.partition}/${origin.first ?? 0}-${origin.last ?? 0}/${bucket}`,
      key: `bucket-${bucket}`,
      eventAt: origin.newestEventAt,
      ingestedAt: origin.oldestIngestedAt,
      value: pack(members),
    });
  });
  return messages;
}

function pack(members: readonly KeyParts[]): Uint8Array {
  writer.reset();
  writer.byte(VERSION);
  writer.varint(members.length);
  for (const parts of members) for (const part of parts) writer.text(part);
  return writer.finish();
}

/** Unpacks what {@link changeMessages} packed; `width` is the number of parts of the entity's key. */
export function changedEntities(value: Uint8Array, width: number): readonly KeyParts[] {
  reader.reset(value, 1);
  const members: KeyParts[] = new Array(reader.varint());
  for (let at = 0; at < members.length; at += 1) {
    const parts: string[] = new Array(width);
    for (let part = 0; part < width; part += 1) parts[part] = reader.text();
    members[at] = parts;
  }
  return members;
}
