import type { Percentiles } from './bench-result.ts';

/** Middle and tail of measurements, by nearest rank. */
export function percentilesOf(samples: Float64Array): Percentiles {
  const sorted = samples.toSorted();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { p50: at(0.5), p99: at(0.99) };
}

/**
 * Times two things in turns, so that whatever else the machine does hits both alike: a third of the rounds to warm up, then
 * `rounds` that count. In microseconds.
 */
export async function measurePair(
  ours: (round: number) => Promise<unknown>,
  peer: (round: number) => Promise<unknown>,
  rounds: number,
): Promise<{ readonly ours: Percentiles; readonly peer: Percentiles }> {
  for (let round = 0; round < rounds / 3; round += 1) {
    await ours(round);
    await peer(round);
  }
  const oursUs = new Float64Array(rounds);
  const peerUs = new Float64Array(rounds);
  for (let round = 0; round < rounds; round += 1) {
    oursUs[round] = await timed(ours, round);
    peerUs[round] = await timed(peer, round);
  }
  return { ours: percentilesOf(oursUs), peer: percentilesOf(peerUs) };
}

async function timed(work: (round: number) => Promise<unknown>, round: number): Promise<number> {
  const start = performance.now();
  await work(round);
  return (performance.now() - start) * 1_000;
}
