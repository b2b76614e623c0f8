import { ConnectionProxy } from '@milonga/testing/chaos';
import { testOnlineStore } from '@milonga/testing/conformance';
import { afterAll, describe } from 'vitest';
import { requireService } from '../../../services/test-services.ts';
import { openFor } from '../test-support/open.ts';
import { RedisOnlineStore } from './online/redis-online-store.ts';

const redis = await requireService('redis');
const toxiproxy = await requireService('toxiproxy');

/** The suite over a real connection that a proxy cuts, stalls and slows down while the history runs. */
describe.skipIf(redis === undefined || toxiproxy === undefined)('through Toxiproxy', async () => {
  if (redis === undefined || toxiproxy === undefined) return;
  const proxy = await ConnectionProxy.open({ upstream: redis, toxiproxy: toxiproxy.endpoint });
  afterAll(() => proxy.close());
  const options = { url: `redis://${proxy.host}:${proxy.port}`, keyPrefix: `proxy-${process.pid}-${Date.now()}:` };
  const limits = { readTimeoutMs: 500, writeTimeoutMs: 1_000, connectTimeoutMs: 2_000 };
  testOnlineStore('redis, through Toxiproxy', {
    create: () => openFor({ ...limits, ...options }, (connection, all) => new RedisOnlineStore(connection, all)),
    close: (store) => (store as RedisOnlineStore).close(),
    timeToLive: { by: 'real-time', granularityMs: 50 },
    chaos: { connection: proxy, deadlineMs: 3_000, rounds: 200 },
  });
});
