import { type ListAppend, MilongaError, type TimeToLive } from '@milonga/core';

/** Longer than this is forever: 35,000 years. */
const LONGEST_MS = 2 ** 50;

/** A time to live as the scripts take it: whole ms, -1 for ever. */
export function expiryArgument(timeToLive: TimeToLive, key: string): number {
  if (!('ttlMs' in timeToLive)) return -1;
  const { ttlMs } = timeToLive;
  if (ttlMs >= 0) return ttlMs > LONGEST_MS ? -1 : Math.ceil(ttlMs);
  throw new MilongaError(
    'MILONGA_DEFINITION_INVALID',
    `The time to live of "${key}" must be 0 ms or more; found ${ttlMs}.`,
  );
}

export function checkList({ key, maxLength }: ListAppend): void {
  if (Number.isSafeInteger(maxLength) && maxLength > 0) return;
  throw new MilongaError(
    'MILONGA_DEFINITION_INVALID',
    `\`maxLength\` of the list "${key}" must be a whole number above 0; found ${maxLength}.`,
  );
}
