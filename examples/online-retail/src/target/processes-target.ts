import { once } from 'node:events';
import {
  Clock,
  CurrentRecommender,
  FeatureReader,
  Lake,
  Logger,
  ModelRegistry,
  type Recommender,
  silentLogger,
} from '@milonga/core';
import { type Adapter, createApp, defineAdapter, provide } from '@milonga/core/app';
import { testClock } from '@milonga/testing';
import type { ServiceName } from '../../../../services/addresses.ts';
import type { TargetOptions } from './embedded-target.ts';
import { Fire, type Fuel } from './fire.ts';
import { collectorOverHttp, recommendationsOverHttp } from './over-http.ts';
import type { ReplayTarget } from './replay-target.ts';
import { servicesFolderOf } from './stack-services.ts';
import { SupervisedProcess } from './supervised-process.ts';

/** One process each; whoever answers requests is there twice, as behind any load balancer, and holds models to do it. */
const PROCESSES: readonly (readonly string[])[] = [
  ['collect'],
  ['lake'],
  ['tiles'],
  ['materialise'],
  ['train'],
  ['predict'],
  ['recommend', 'predict'],
  ['recommend', 'predict'],
];
/** How long events may wait for a collector, and a request for somebody who answers. */
const COLLECT_PATIENCE_MS = 60_000;
const RECOMMEND_PATIENCE_MS = 5_000;

/** The stack that the processes stand on. */
export interface SpreadStack {
  readonly name: string;
  readonly dir: string;
  readonly adapters: readonly Adapter[];
  /** Services that a fire may kill. */
  readonly survivors: readonly ServiceName[];
}

/** Every role in a process of its own; this one drives their clocks and speaks to them over HTTP. */
export async function openProcesses(
  recommender: Recommender,
  { name, dir, adapters, survivors }: SpreadStack,
  { startAt }: Pick<TargetOptions, 'startAt'>,
): Promise<ReplayTarget> {
  const clock = testClock({ now: startAt });
  const onComplaint = (text: string): void => void process.stderr.write(text);
  const processes = PROCESSES.map(
    (roles) => new SupervisedProcess({ stack: name, dir, roles, now: () => clock.now(), onComplaint }),
  );
  const app = createApp([
    ...recommender.adapters,
    ...adapters,
    defineAdapter('replay', [
      provide(Clock, { create: () => clock }),
      provide(CurrentRecommender, { create: () => recommender }),
      provide(Logger, { create: () => silentLogger }),
    ]),
  ]);
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map((one) => one.stop()));
    await app.close();
  };
  try {
    await Promise.all(processes.map((one) => one.start()));
    const { features, registry, lake } = await app.resolve({
      features: FeatureReader,
      registry: ModelRegistry,
      lake: Lake,
    });
    const fuel: Fuel = { processes, services: survivors, servicesFolder: servicesFolderOf(dir) };
    return { ...drive(fuel, clock), features, registry, lake, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * The clock of collectors follows every moment, because they stamp events. The others' follow before anything is asked of
 * them: moving every clock at every moment would take longer than the events.
 */
function drive(
  fuel: Fuel,
  clock: ReturnType<typeof testClock>,
): Omit<ReplayTarget, 'features' | 'registry' | 'lake' | 'stop'> {
  const { processes } = fuel;
  const running = (role: string): readonly SupervisedProcess[] => processes.filter(({ roles }) => roles.includes(role));
  const urls = (role: string): readonly string[] => running(role).map(({ url }) => url);
  const collector = collectorOverHttp(() => urls('collect'), COLLECT_PATIENCE_MS);
  const recommendations = recommendationsOverHttp(() => urls('recommend'), RECOMMEND_PATIENCE_MS);
  const others = processes.filter(({ roles }) => !roles.includes('collect'));
  const advance = (some: readonly SupervisedProcess[], at: number): Promise<unknown> =>
    Promise.all(some.map((one) => one.ask({ kind: 'advance', at })));
  let othersAt = clock.now();
  let following: Promise<unknown> = Promise.resolve();
  const follow = (): Promise<unknown> => {
    if (othersAt < clock.now()) {
      othersAt = clock.now();
      following = advance(others, othersAt);
    }
    return following;
  };
  let handedIn: Promise<unknown> = Promise.resolve();
  return {
    url: urls('recommend')[0] ?? '',
    recommendations: {
      recommend: async (pipeline, input) => {
        await follow();
        return recommendations.recommend(pipeline, input);
      },
    },
    collector: {
      collect: (events) => {
        const taken = handedIn.then(() => collector.collect(events)); // in order: as one process would publish them
        handedIn = taken.catch(() => {});
        return taken;
      },
    },
    setOnFire: (kills) => {
      const fire = new Fire(fuel, kills);
      fire.start();
      return () => fire.stop();
    },
    now: () => clock.now(),
    advanceTo: async (at) => {
      await handedIn;
      await Promise.all([clock.advanceTo(at), advance(running('collect'), at)]);
    },
    settle: async (role) => {
      await handedIn;
      await follow();
      await Promise.all(running(role).map((one) => one.ask({ kind: 'settle', role })));
    },
    peakRssBytes: async () => {
      const sizes = await Promise.all(processes.map((one) => one.ask({ kind: 'usage' })));
      return sizes.reduce<number>((sum, size) => sum + (size ?? 0), process.resourceUsage().maxRSS * 1_024);
    },
    serve: async () => void (await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])),
  };
}
