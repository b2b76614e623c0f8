import { loopback } from './machine/ports.ts';
import { processService } from './process-service.ts';
import { installRedisServer, lacksRedisServer, memoryOnly, redisAnswers, redisServer } from './redis-server.ts';
import type { Service } from './service.ts';

/** One Redis (or Valkey), in memory. */
export const redis: Service<'redis'> = processService({
  name: 'redis',
  what: 'one Redis (or Valkey) server, in memory',
  ports: ['redis'],
  lacks: lacksRedisServer,
  install: installRedisServer,
  launch: async (place, { redis: port }) => ({
    program: await redisServer(place),
    args: ['--port', String(port), '--bind', loopback, '--dir', place.folder, ...memoryOnly],
  }),
  address: ({ redis: port }) => ({ host: loopback, port }),
  serves: (_, address) => redisAnswers(address),
});
