/** Writes a row when the file `go` appears in the directory, then makes `done`. `node prompt-writer.ts <dir>` */
import { existsSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { OnlineStore } from '@milonga/core';
import { createApp } from '@milonga/core/app';
import { local } from '../src/index.ts';

const [dir = ''] = process.argv.slice(2);
const app = createApp([local({ dir })]);
const { online } = await app.resolve({ online: OnlineStore });
writeSync(1, 'ready\n');
while (!existsSync(join(dir, 'go'))) await wait(2);
await online.writeRows([{ key: 'k', columns: { c: Buffer.from('v') }, timeToLive: { forever: 'a test' } }]);
writeFileSync(join(dir, 'done'), '');
await app.close();
