import type { RunningRecommender } from './start-recommender.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Keeps a process up until SIGTERM or SIGINT, then stops it gracefully; a second signal ends it at once.
 *
 * @returns the signal that ended it.
 * @example
 * ```ts
 * const signal = await runUntilSignal(await startRecommender(recommender), (name) => console.error(`${name}: draining`));
 * ```
 */
export async function runUntilSignal(
  running: RunningRecommender,
  onStopping: (signal: NodeJS.Signals) => void = () => {},
): Promise<NodeJS.Signals> {
  const signal = await new Promise<NodeJS.Signals>((resolve) => {
    const onSignal = (name: NodeJS.Signals): void => {
      for (const one of SIGNALS) process.off(one, onSignal);
      resolve(name);
    };
    for (const one of SIGNALS) process.on(one, onSignal);
  });
  const force = (name: NodeJS.Signals): never => process.exit(name === 'SIGINT' ? 130 : 143);
  for (const one of SIGNALS) process.on(one, force);
  try {
    onStopping(signal);
    await running.stop();
  } finally {
    for (const one of SIGNALS) process.off(one, force);
  }
  return signal;
}
