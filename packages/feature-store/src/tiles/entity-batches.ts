import type { EventBatch, Logger } from '@milonga/core';
import { entityKey, type KeyParts, MOST_PART_BYTES } from '../keys/entity-key.ts';
import { onlineKey } from '../keys/online-key.ts';
import { type DecodedEvent, decodeEvent } from '../streams/decode-event.ts';
import type { CompiledView } from '../view/compiled-view.ts';
import { holds } from '../view/condition.ts';

/** The events of a batch that are about one entity, in order. */
export interface EntityBatch {
  readonly parts: KeyParts;
  readonly key: Uint8Array;
  readonly events: DecodedEvent[];
}

/** Events of a batch by entity, and how many are not counted and why. */
export interface GroupedBatch {
  readonly entities: readonly EntityBatch[];
  readonly late: number;
  /** Left out by `where`, or without a key. */
  readonly filtered: number;
  /** Damaged, written under other fields, or with a key that is too long. They are in the quarantine by the lake sink. */
  readonly undecodable: number;
  readonly newestEventAt: number;
  readonly oldestIngestedAt: number;
}

/** Decodes a batch, leaves out what the view does not count, and puts together what is about one entity. */
export function groupByEntity(view: CompiledView, batch: EventBatch, log: Logger): GroupedBatch {
  const entities = new Map<string, EntityBatch>();
  const counts = { late: 0, filtered: 0, undecodable: 0, newestEventAt: 0, oldestIngestedAt: Number.POSITIVE_INFINITY };
  for (const received of batch.events) {
    const event = decodeEvent(view.event, received);
    if (event instanceof Error) {
      counts.undecodable += 1;
      log.warn('An event cannot be decoded; tiles leave it out', {
        view: view.name,
        partition: batch.partition,
        offset: received.offset,
        error: event.message,
      });
      continue;
    }
    if (event.ingestedAt - event.eventAt > view.latenessMs) counts.late += 1;
    else if (!holds(view.comparisons, event.payload)) counts.filtered += 1;
    else if (!addTo(entities, view, event)) counts.filtered += 1;
    else {
      counts.newestEventAt = Math.max(counts.newestEventAt, event.eventAt);
      counts.oldestIngestedAt = Math.min(counts.oldestIngestedAt, event.ingestedAt);
    }
  }
  return { entities: [...entities.values()], ...counts };
}

/** False when the event is of no entity: a field of the key is null, or longer than keys may be. */
function addTo(entities: Map<string, EntityBatch>, view: CompiledView, event: DecodedEvent): boolean {
  const { keyFields } = view;
  const parts: string[] = new Array(keyFields.length);
  for (let at = 0; at < keyFields.length; at += 1) {
    const part = event.payload[keyFields[at]!] as string | null;
    if (part === null || !fitsKey(part)) return false;
    parts[at] = part;
  }
  const name = parts.length === 1 ? parts[0]! : onlineKey('', parts);
  const known = entities.get(name);
  if (known !== undefined) known.events.push(event);
  else entities.set(name, { parts, key: entityKey(parts), events: [event] });
  return true;
}

/** True when a text can be a part of a key. */
export const fitsKey = (part: string): boolean =>
  part.length * 3 <= MOST_PART_BYTES || Buffer.byteLength(part) <= MOST_PART_BYTES;
