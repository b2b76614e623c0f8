import type { BenchOptions, BenchResult } from './bench-result.ts';
import { measurePair } from './measure-pair.ts';
import type { World, WorldOptions } from './pipeline-world.ts';

/** Different schemas in the process: with one, V8 would make both sides look better than any real process. */
const SCHEMAS = 8;
const CANDIDATES = 500;
const ROUNDS = 8_000;

/** Each world is a module instance of its own, as if eight people had written eight pipelines, and eight times the loops. */
async function worldsOf(options: WorldOptions): Promise<readonly World[]> {
  const modules = await Promise.all(
    Array.from(
      { length: SCHEMAS },
      (_, seed): Promise<typeof import('./pipeline-world.ts')> => import(`./pipeline-world.ts?seed=${seed}`),
    ),
  );
  return modules.map(({ makeWorld }, seed) => makeWorld(CANDIDATES, seed, options));
}

/**
 * The pipeline beside the same work written out over typed arrays: 500 candidates of 32 features out of three sources, four
 * filters, a linear score, the best twenty; eight schemas in turn.
 *
 * @throws Error when both sides do not give the same slate: a comparison of different work would say nothing.
 */
export async function benchPipeline({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  const rounds = quick ? 2 * SCHEMAS : ROUNDS;
  const results: BenchResult[] = [];
  for (const [name, options] of [
    ['pipeline, whole rows', { lean: false, kept: false }],
    ['pipeline, three fields', { lean: true, kept: false }],
    ['pipeline, three fields, sources that keep their frames', { lean: true, kept: true }],
  ] as const) {
    const worlds = await worldsOf(options);
    for (const world of worlds) await checkSame(world);
    const { ours, peer } = await measurePair(
      (round) => worlds[round % SCHEMAS]!.run(),
      (round) => worlds[round % SCHEMAS]!.byHand(),
      rounds,
    );
    results.push({
      name,
      unit: 'us',
      ours,
      peer: { name: 'hand-written loops', ...peer },
      ratio: ours.p50 / peer.p50,
      budget: 2,
      limits: [{ what: 'processor time us', value: await processorUs(worlds, rounds), atMost: 500 }],
    });
  }
  return results;
}

/** Mean of the whole process, garbage collection included, which wall-clock percentiles hide. */
async function processorUs(worlds: readonly World[], rounds: number): Promise<number> {
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round += 1) await worlds[round % SCHEMAS]!.run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / rounds;
}

async function checkSame(world: World): Promise<void> {
  const { items } = await world.run();
  const expected = await world.byHand();
  const text = (all: readonly object[]): string =>
    JSON.stringify(
      all.map((item) => {
        const { id, category, score } = item as Readonly<Record<string, unknown>>;
        return [id, category, (score as number).toFixed(9)];
      }),
    );
  if (items.length === 0 || text(items) !== text(expected)) {
    throw new Error(`The pipeline and the hand-written loops differ:\n${text(items)}\n${text(expected)}`);
  }
}
