/** Lets a store grow as fast as it can until it is killed. `node growing-store.ts <dir>` */
import { writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Environment } from '../src/environment/environment.ts';

const [dir = ''] = process.argv.slice(2);
const environment = await Environment.open(dir, 'growing', 'process-crash', 'MILONGA_OFFLINE_STORE_UNAVAILABLE');
const database = environment.database('values');
writeSync(1, 'ready\n');
for (let at = 0; ; at += 1) {
  const key = Buffer.from(String(at));
  environment.writeNow(() => environment.put(database, key, Buffer.alloc(36_000)));
  if (at % 100 === 0) await setImmediate();
}
