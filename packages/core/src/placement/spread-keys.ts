import { MilongaError } from '../errors/milonga-error.ts';
import type { OnlineStore } from '../ports/online-store.ts';

const LARGEST_COUNT = 4_096;

/**
 * Keys for the shards of one thing in an online store, such as a pool of candidates, evenly spread over its slots: the
 * slots are cut into `count` equal runs, and each has one key. Nodes of a cluster serve runs of slots, so each node gets
 * its share of the shards, where as many keys by chance would leave some nodes with twice what others have.
 *
 * The same arguments give the same keys, in any process. A key is `name/n` with the number of a candidate that fell into the run.
 *
 * @throws MilongaError `MILONGA_DEFINITION_INVALID` for a name that is empty or has braces, and for a count that is not 1 to 4,096.
 * @example
 * ```ts
 * const keys = spreadKeys(store, 'pool/popular', 12); // ['pool/popular/7', 'pool/popular/0', …]
 * ```
 */
export function spreadKeys(
  store: Pick<OnlineStore, 'placement' | 'slots'>,
  name: string,
  count: number,
): readonly string[] {
  if (!(Number.isInteger(count) && count >= 1 && count <= LARGEST_COUNT))
    throw invalid(name, `\`count\` must be a whole number from 1 to ${LARGEST_COUNT}; found ${count}`);
  if (name === '' || /[{}]/.test(name)) throw invalid(name, 'the name must not be empty, nor have braces');
  if (store.slots < count) return Array.from({ length: count }, (_, at) => `${name}/${at}`);
  const keys = new Map<number, string>();
  for (let candidate = 0; keys.size < count; candidate += 1) {
    const key = `${name}/${candidate}`;
    const run = Math.floor((store.placement(key) * count) / store.slots);
    if (!keys.has(run)) keys.set(run, key);
    if (candidate > count * 1_000) throw invalid(name, 'the placement of the store leaves slots out');
  }
  return Array.from({ length: count }, (_, run) => keys.get(run)!);
}

const invalid = (name: string, why: string): MilongaError =>
  new MilongaError('MILONGA_DEFINITION_INVALID', `The keys of "${name}" cannot be spread: ${why}.`);
