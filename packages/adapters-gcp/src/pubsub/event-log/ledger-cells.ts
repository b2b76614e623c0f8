import { createHash } from 'node:crypto';
import type { Cell } from '@milonga/core';

/*
 * A group's ledger of one partition is a row:
 *
 *   family   qualifier       value
 *   state    's'             JSON of LedgerState; every change is conditional on it
 *   ids      chunk u48       the ids of 512 offsets, 8 bytes each, of the first of them at 512 times the chunk
 */

/** Families of the table of positions. */
export const FAMILY = { state: 'state', ids: 'ids' } as const;

/** Where a group stands in a partition. */
export interface LedgerState {
  /** Offset of the next event that is new. */
  readonly next: number;
  /** Every earlier event is handled. */
  readonly committed: number;
  /** When a member last did something about the events between the two, Unix ms. */
  readonly touchedAt: number;
  /** The latest markers that the group has come to. */
  readonly markers: readonly string[];
}

export const NOTHING: LedgerState = { next: 0, committed: 0, touchedAt: 0, markers: [] };
export const STATE_QUALIFIER: Uint8Array = new TextEncoder().encode('s');
export const CHUNK = 512;
export const ID_BYTES = 8;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const ledgerKey = (topic: string, group: string, partition: number): Uint8Array =>
  encoder.encode(`${encodeURIComponent(topic)}/${encodeURIComponent(group)}/${partition}`);

export const stateCell = (state: LedgerState): Cell => ({
  family: FAMILY.state,
  qualifier: STATE_QUALIFIER,
  value: encoder.encode(JSON.stringify(state)),
  at: 0,
});

export const readState = (value: Uint8Array): LedgerState => JSON.parse(decoder.decode(value)) as LedgerState;

export function chunkQualifier(chunk: number): Uint8Array {
  const qualifier = Buffer.alloc(6);
  qualifier.writeUIntBE(chunk, 0, 6);
  return qualifier;
}

export const chunkOf = (qualifier: Uint8Array): number => Buffer.from(qualifier).readUIntBE(0, 6);

/** An id as eight bytes, in a text of eight characters, which is a good key of a map. */
export const fingerprint = (id: string): string =>
  createHash('sha256').update(id).digest().toString('latin1', 0, ID_BYTES);
