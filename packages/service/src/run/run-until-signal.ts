import type { RunningRecommender } from './start-recommender.ts';

/**
 * Keeps a process up until SIGTERM or SIGINT, then stops it gracefully; a second signal ends it at once.
 *
 * @returns the signal that ended it.
 */
export async function runUntilSignal(
  running: RunningRecommender,
  onStopping: (signal: NodeJS.Signals) => void = () => {},
): Promise<NodeJS.Signals> {
  const signal = await new Promise<NodeJS.Signals>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  const force = (): never => process.exit(signal === 'SIGINT' ? 130 : 143);
  process.once('SIGTERM', force);
  process.once('SIGINT', force);
  onStopping(signal);
  await running.stop();
  process.off('SIGTERM', force);
  process.off('SIGINT', force);
  return signal;
}
