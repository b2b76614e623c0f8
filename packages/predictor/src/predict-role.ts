import { Clock, ModelRegistry, Predictor, type Role, type RoleContext, type RunningRole } from '@milonga/core';
import { AliasFollower } from './following/alias-follower.ts';
import { InProcessPredictor } from './hosting/in-process-predictor.ts';

/** How often the age of what is live is reported. */
const MEASURE_EVERY_MS = 15_000;

/** Serves model versions and lets new ones in through the swap gate. Part of the `predictor()` adapter. */
export const predictRole: Role = {
  name: 'predict',
  description: 'holds model versions in memory and swaps them behind the gate',
  needs: () => [Predictor, ModelRegistry, Clock],
  async start({ ports, log }: RoleContext): Promise<RunningRole> {
    const predictor = ports.get(Predictor);
    if (!(predictor instanceof InProcessPredictor)) return { stop: () => Promise.resolve() }; // models are served elsewhere
    const registry = ports.get(ModelRegistry);
    const clock = ports.get(Clock);
    const hosts = [...predictor.hosts.values()];
    const followers = hosts.map((host) => new AliasFollower({ host, registry, clock, log }));
    await Promise.all(followers.map((follower) => follower.start()));
    const measuring = setInterval(() => hosts.forEach((host) => void host.measureLive()), MEASURE_EVERY_MS).unref();
    return {
      settle: async () => void (await Promise.all(followers.map((follower) => follower.settle()))),
      stop: async () => {
        clearInterval(measuring);
        await Promise.all(followers.map((follower) => follower.stop()));
      },
    };
  },
};
