import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { hashText } from '../sketch/text-hash.ts';
import type { CompiledFeature } from '../view/compiled-view.ts';
import { readStates, type States, writeStates } from './feature-states.ts';

/** What a row has taken in from one partition. */
export interface Absorbed {
  /** Offset of the last event; -1 for none, or where the broker has no offsets. */
  offset: number;
  /** The newest `ingestedAt`; 0 for none. Whoever reads the row reads it as of this moment or later. */
  knownAt: number;
  /** Event time of the newest event in the tiles; 0 for none. */
  newestAt: number;
  /**
   * Events of exactly the moment `knownAt`, which are not in the tiles yet: for a reader at that moment they have not
   * happened. The next event with a later one moves them there.
   */
  head: States | undefined;
  /** Hashes of the latest event ids, the newest last. */
  ids: number[];
}

/*
 * 1 (version) | offset + 1 varint | knownAt u48 | newestAt u48 | 1 and the packed states of the head, or 0 | number of ids
 * varint | ids, f64 each
 */
const VERSION = 1;
const reader = new ByteReader();
const writer = new ByteWriter();

/** What a row has absorbed from a partition that it knows nothing of. */
export const nothingAbsorbed = (): Absorbed => ({ offset: -1, knownAt: 0, newestAt: 0, head: undefined, ids: [] });

/** Packs the cell. */
export function writeAbsorbed(features: readonly CompiledFeature[], absorbed: Absorbed): Uint8Array {
  writer.reset();
  writer.byte(VERSION);
  writer.varint(absorbed.offset + 1);
  writer.uint48(absorbed.knownAt);
  writer.uint48(absorbed.newestAt);
  writer.byte(absorbed.head === undefined ? 0 : 1);
  if (absorbed.head !== undefined) writeStates(features, absorbed.head, writer);
  writer.varint(absorbed.ids.length);
  for (const id of absorbed.ids) writer.float64(id);
  return writer.finish();
}

/** Unpacks the cell; `withIds` false leaves them out. */
export function readAbsorbed(features: readonly CompiledFeature[], value: Uint8Array, withIds: boolean): Absorbed {
  reader.reset(value, 1);
  const offset = reader.varint() - 1;
  const knownAt = reader.uint48();
  const newestAt = reader.uint48();
  const head = reader.byte() === 0 ? undefined : readStates(features, reader);
  const ids: number[] = withIds ? new Array(reader.varint()) : [];
  for (let at = 0; at < ids.length; at += 1) ids[at] = reader.float64();
  return { offset, knownAt, newestAt, head, ids };
}

/** An event id as 53 bits. */
export const hashId = (id: string): number => hashText(id, 0x3c6ef372) * 2 ** 21 + (hashText(id, 0xbb67ae85) >>> 11);
