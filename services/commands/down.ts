import { stopServices } from '../lifecycle.ts';
import type { Command } from './command.ts';

/** Stops services, whoever started them. */
export const down: Command = async (names, { clean }) => {
  const stopped = await stopServices(names, { say: console.log, clean });
  if (stopped.length === 0) console.log('Nothing was up.');
  return 0;
};
