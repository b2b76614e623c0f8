import type { Recommender } from '@milonga/core';
import { type RunningRecommender, startRecommender } from '@milonga/service';

/** Runs `work` with the ports of a recommender, no server, and the given roles only; closes everything afterwards. */
export async function withPorts<T>(
  recommender: Recommender,
  work: (running: RunningRecommender) => Promise<T>,
  roles: readonly string[] = [],
): Promise<T> {
  const running = await startRecommender(recommender, { roles, http: false, logging: { level: 'warn' } });
  try {
    return await work(running);
  } finally {
    await running.stop();
  }
}
