/**
 * Appends ever larger batches, then stores ever larger artifacts, until each fails because the disk is full; then smaller
 * ones again. `node lake-filler.ts <dir> <durability>`
 */
import { join } from 'node:path';
import { MilongaError, systemClock } from '@milonga/core';
import { DuckLake, type Durability, FileArtifactStore } from '../src/index.ts';
import { batchOf, ensureBatches, problemsOf, TABLE } from './lake-batches.ts';

const [dir = '', given = ''] = process.argv.slice(2);
const durability = given as Durability;
const lake = await DuckLake.open({ dir: join(dir, 'lake'), clock: systemClock(), durability });
await ensureBatches(lake);

let next = 0;
async function append(size: number): Promise<string> {
  try {
    const rows = batchOf(`batch ${next}`, 0, next, size);
    await lake.append(TABLE, rows, { ranges: [{ partition: 0, first: next, last: next + size - 1 }] });
    next += size;
    return 'ok';
  } catch (error) {
    if (!MilongaError.isInstance(error)) throw error;
    return `${error.code} ${error.isRetryable}`;
  }
}

let size = 1_000;
let outcome = await append(size);
for (; outcome === 'ok' && size < 10_000_000; outcome = await append(size)) size *= 2;
console.log(`append ${outcome}`);
console.log(`again ${await append(size)}`);
console.log(`small ${await append(100)}`);
console.log(
  `compact ${await lake.compact(TABLE).then(
    () => 'ok',
    (error: MilongaError) => error.code,
  )}`,
);
console.log(`problems ${JSON.stringify(await problemsOf(lake))} ${(await lake.positions(TABLE)).get(0) === next - 1}`);
await lake.close();

const artifacts = await FileArtifactStore.open({ dir: join(dir, 'artifacts'), durability });
const put = (name: string, bytes: number): Promise<string> =>
  artifacts
    .putIfAbsent(name, new Uint8Array(bytes))
    .then(String, (error: MilongaError) => `${error.code} ${error.isRetryable}`);
console.log(`put ${await put('small', 1_000)}`);
console.log(`put ${await put('large', 10_000_000)}`);
console.log(`get ${(await artifacts.get('large'))?.length} ${(await artifacts.get('small'))?.length}`);
console.log(`put ${await put('large', 1_000)}`);
artifacts.close();
