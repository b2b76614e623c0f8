import { type Duration, days, hours, MilongaError, minutes, seconds } from '@milonga/core';

/**
 * A stretch of time before a moment t: from `floor(t - length, hop)` on, until just before t. The end is exact, the start
 * moves by hops, because tiles of that length are what is stored.
 */
export interface Window {
  readonly lengthMs: number;
  /** Tiles begin at whole multiples of it since 1970, UTC. */
  readonly hopMs: number;
  /** Whether the hop was chosen where the window was defined: then that of the view does not replace it. */
  readonly isGiven: boolean;
}

/** Hops that are chosen by themselves: few different ones, so that the features of a view share tiles. */
const LADDER: readonly number[] = [
  days(1),
  hours(6),
  hours(1),
  minutes(15),
  minutes(5),
  minutes(1),
  seconds(15),
  seconds(5),
  seconds(1),
].map(({ ms }) => ms);

const MOST_HOPS = 1_440;

/** A window; the hop is the largest of the ladder (1 s to 1 day) that goes 24 times into it, unless given. */
export function windowOf(length: Duration, hop?: Duration): Window {
  const hopMs = hop?.ms ?? LADDER.find((step) => step * 24 <= length.ms) ?? 1_000;
  const hops = length.ms / hopMs;
  if (!Number.isInteger(hopMs) || !Number.isInteger(length.ms) || !(hops >= 1 && hops <= MOST_HOPS)) {
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `A window of ${length.ms} ms cannot have hops of ${hopMs} ms: whole milliseconds, and 1 to ${MOST_HOPS} hops a window. Give another \`hop\`.`,
    );
  }
  return { lengthMs: length.ms, hopMs, isGiven: hop !== undefined };
}

/** Index of the first tile that the window still holds at `at`. */
export const firstTileAt = ({ lengthMs, hopMs }: Window, at: number): number => Math.floor((at - lengthMs) / hopMs);
