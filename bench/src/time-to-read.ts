import type { Percentiles } from './bench-result.ts';
import { percentilesOf } from './measure-pair.ts';

/**
 * A reader of a topic with a group that is new each time: it says of each batch how many events it has handled, and of a
 * failure what it was. Gives the function that ends it.
 */
export type Reader = (
  count: (events: number) => void,
  fail: (error: unknown) => void,
) => Promise<() => Promise<unknown>>;

/** Milliseconds from the first events that a reader is given until it has handled so many. */
export async function timeToRead(events: number, read: Reader): Promise<number> {
  const { promise: finished, resolve, reject } = Promise.withResolvers<void>();
  let left = events;
  let startedMs = 0;
  const stop = await read((handled) => {
    if (left === events) startedMs = performance.now();
    left -= handled;
    if (left <= 0) resolve();
  }, reject);
  await finished;
  const tookMs = performance.now() - startedMs;
  await stop();
  return tookMs;
}

/** Times two readers of as many events in turns: some rounds to warm up, then those that count. In milliseconds. */
export async function measureReaders(
  events: number,
  ours: Reader,
  peer: Reader,
  { warmUps, rounds }: { readonly warmUps: number; readonly rounds: number },
): Promise<{ readonly ours: Percentiles; readonly peer: Percentiles }> {
  const oursMs: number[] = [];
  const peerMs: number[] = [];
  for (let round = -warmUps; round < rounds; round += 1) {
    const ourTime = await timeToRead(events, ours);
    const peerTime = await timeToRead(events, peer);
    if (round < 0) continue;
    oursMs.push(ourTime);
    peerMs.push(peerTime);
  }
  return { ours: percentilesOf(Float64Array.from(oursMs)), peer: percentilesOf(Float64Array.from(peerMs)) };
}

let groups = 0;

/** The name of a group that nobody has read with. */
export function newGroup(): string {
  groups += 1;
  return `group-${process.pid}-${Date.now()}-${groups}`;
}
