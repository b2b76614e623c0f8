import { sdkLoader } from '@milonga/core/app';
import type * as IoRedis from 'ioredis';

/** Loads ioredis when it is needed first, and says what to install where it is not there. */
export const loadIoRedis: () => Promise<typeof IoRedis> = sdkLoader({
  adapter: 'Redis',
  package: 'ioredis',
  major: 6,
  load: () => import('ioredis'),
});
