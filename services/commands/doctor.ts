import { placeOf, serviceOf } from '../catalogue.ts';
import { describeLacks } from '../words.ts';
import type { Command } from './command.ts';

/** Says what this machine lacks to run each service, and how to get it. */
export const doctor: Command = async (names) => {
  let lacking = 0;
  for (const name of names) {
    const lacks = await serviceOf(name).lacks(placeOf(name));
    if (lacks.length > 0) lacking += 1;
    console.log(lacks.length === 0 ? `${name}: ready to run` : `${name}: lacks ${describeLacks(lacks)}`);
  }
  if (lacking > 0) console.log('Where Docker is at hand, services/compose.yaml offers the same set.');
  return lacking === 0 ? 0 : 1;
};
