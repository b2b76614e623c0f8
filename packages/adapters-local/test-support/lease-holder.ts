/** Holds the lease `job` until it is lost. `node lease-holder.ts <dir> <ttlMs>` */
import { writeSync } from 'node:fs';
import { Lease } from '@milonga/core';
import { createApp } from '@milonga/core/app';
import { local } from '../src/index.ts';

const [dir = '', ttlMs = '0'] = process.argv.slice(2);
const app = createApp([local({ dir })]);
const { lease } = await app.resolve({ lease: Lease });
const hold = await lease.acquire('job', { ttlMs: Number(ttlMs) });
writeSync(1, `holds ${hold?.token}\n`);
hold?.signal.addEventListener('abort', () => writeSync(1, 'lost\n'));
setInterval(() => {}, 1_000);
