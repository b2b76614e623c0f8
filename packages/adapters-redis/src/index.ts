export { redis } from './redis-adapter.ts';
export type { ConnectionOptions, RedisAdapterOptions, RedisClient, RowCacheOptions } from './redis-options.ts';
