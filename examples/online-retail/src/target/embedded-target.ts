import {
  Clock,
  Collector,
  FeatureReader,
  Lake,
  MilongaError,
  ModelRegistry,
  Recommendations,
  type Recommender,
} from '@milonga/core';
import { type Adapter, defineAdapter, provide } from '@milonga/core/app';
import { runUntilSignal, type StartOptions, startRecommender } from '@milonga/service';
import { testClock } from '@milonga/testing';
import type { ReplayTarget } from './replay-target.ts';

/** How a target is opened. */
export interface TargetOptions {
  /** The clock's first moment, Unix ms. */
  readonly startAt: number;
  readonly port: number;
}

/** Every role in this process. */
export async function openEmbedded(
  recommender: Recommender,
  adapters: readonly Adapter[],
  { startAt, port }: TargetOptions,
): Promise<ReplayTarget> {
  const clock = testClock({ now: startAt });
  const options: StartOptions = {
    adapters: [...adapters, defineAdapter('replay', [provide(Clock, { create: () => clock })])],
    logging: { level: 'error' },
  };
  const running = await startRecommender(recommender, { ...options, http: { port } }).catch((error: unknown) => {
    if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
    return startRecommender(recommender, { ...options, http: { port: 0 } }); // somebody else has the port
  });
  return {
    url: running.url ?? '',
    collector: await running.get(Collector),
    recommendations: await running.get(Recommendations),
    features: await running.get(FeatureReader),
    registry: await running.get(ModelRegistry),
    lake: await running.get(Lake),
    setOnFire: undefined,
    now: () => clock.now(),
    advanceTo: (at) => clock.advanceTo(at),
    settle: async (name) => {
      const role = running.roles.get(name);
      if (role === undefined) throw new MilongaError('MILONGA_ROLE_UNKNOWN', `No role "${name}" runs here.`);
      await role.settle?.();
    },
    peakRssBytes: async () => process.resourceUsage().maxRSS * 1_024,
    serve: async () => void (await runUntilSignal(running)),
    stop: () => running.stop(),
  };
}
