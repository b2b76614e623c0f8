/** A member of the group `shared` that says what it handles. `node group-member.ts <dir>` */
import { writeSync } from 'node:fs';
import { EventSource } from '@milonga/core';
import { createApp } from '@milonga/core/app';
import { local } from '../src/index.ts';

const app = createApp([local({ dir: process.argv[2]!, partitions: 4 })]);
const { source } = await app.resolve({ source: EventSource });
await source.subscribe('events', { group: 'shared' }, async ({ partition, events }) => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  writeSync(1, `handled ${partition} ${events.map(({ id }) => id).join(',')}\n`);
});
