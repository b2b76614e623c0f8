import type { BytesByName, Environment } from '../environment/environment.ts';
import { FIRST_NAME } from '../environment/keys.ts';
import type { SweepStep } from '../environment/sweeper.ts';
import { readDouble } from './expiry.ts';

const ENTRIES_PER_STEP = 256;

/** Rows and lists alike tell their expiry in the bytes 1 to 8. */
const isOver = (value: Buffer | undefined, now: number): boolean =>
  value !== undefined && value.length >= 9 && readDouble(value, 1) <= now;

/** Steps through the databases of an online store, one after the other, and removes expired entries. */
export function onlineSweep(
  environment: Environment,
  databases: readonly BytesByName[],
  now: () => number,
): () => Promise<SweepStep> {
  let at = 0;
  let start = FIRST_NAME;
  return async () => {
    const database = databases[at]!;
    const time = now();
    const over: string[] = [];
    let seen = 0;
    let last = start;
    environment.read(() => {
      for (const { key, value } of database.getRange({ start, limit: ENTRIES_PER_STEP })) {
        seen += 1;
        last = key;
        if (isOver(value, time)) over.push(key);
      }
    });
    start = `${last}\0`;
    const isLast = seen < ENTRIES_PER_STEP;
    if (isLast) {
      start = FIRST_NAME;
      at = (at + 1) % databases.length;
    }
    if (over.length > 0) {
      await environment.write(() => {
        for (const key of over) if (isOver(database.getBinaryFast(key), time)) environment.remove(database, key);
      });
    }
    return { swept: over.length, isEnd: isLast && at === 0 };
  };
}
