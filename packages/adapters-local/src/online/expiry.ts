import { MilongaError, type TimeToLive } from '@milonga/core';

/** When a write made at `now` expires; Infinity for never. */
export function expiryOf(timeToLive: TimeToLive, now: number, key: string): number {
  if (!('ttlMs' in timeToLive)) return Infinity;
  if (timeToLive.ttlMs >= 0) return now + timeToLive.ttlMs;
  throw new MilongaError(
    'MILONGA_DEFINITION_INVALID',
    `The time to live of "${key}" must be 0 ms or more; found ${timeToLive.ttlMs}.`,
  );
}

const eight = new Uint8Array(8);
const float = new Float64Array(eight.buffer);

/** A double from any place, aligned or not, without a view for each buffer. */
export function readDouble(bytes: Uint8Array, at: number): number {
  for (let i = 0; i < 8; i += 1) eight[i] = bytes[at + i]!;
  return float[0]!;
}

export function writeDouble(bytes: Uint8Array, at: number, value: number): void {
  float[0] = value;
  for (let i = 0; i < 8; i += 1) bytes[at + i] = eight[i]!;
}
