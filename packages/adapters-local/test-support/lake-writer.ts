/**
 * Appends batches over hundreds of hours to one partition, and merges files now and then, until it is killed; or so many
 * batches. Each line on stdout is an acknowledgement: `appended <last offset>`.
 *
 * `node lake-writer.ts <dir> <name> <partition> [batches] [durability]`
 */
import { writeSync } from 'node:fs';
import { systemClock } from '@milonga/core';
import { DuckLake, type Durability } from '../src/index.ts';
import { batchOf, ensureBatches, TABLE } from './lake-batches.ts';

const [dir = '', name = '', partition = '0', batches = 'Infinity', durability = 'process-crash'] =
  process.argv.slice(2);
const lake = await DuckLake.open({
  dir,
  clock: systemClock(),
  durability: durability as Durability,
  keepReplacedMs: 2_000,
  rowsPerFile: 20_000,
});
await ensureBatches(lake);
let next = ((await lake.positions(TABLE)).get(Number(partition)) ?? -1) + 1;
for (let i = 0; i < Number(batches); i += 1) {
  const size = 1 + ((next * 31 + i * 7) % 1_500);
  const ranges = [{ partition: Number(partition), first: next, last: next + size - 1 }];
  await lake.append(TABLE, batchOf(`${name}-${i}`, Number(partition), next, size), { ranges });
  next += size;
  writeSync(1, `appended ${next - 1}\n`);
  if (i % 6 === 5) {
    const { filesBefore, filesAfter } = await lake.compact(TABLE);
    writeSync(1, `compacted ${filesBefore} ${filesAfter}\n`);
  }
}
await lake.close();
writeSync(1, 'closed\n');
