import { type GoProgram, goProgramPath, installGoProgram, lacksGoProgram } from './installing/go-program.ts';
import { loopback } from './machine/ports.ts';
import { processService } from './process-service.ts';
import type { Service } from './service.ts';

const server: GoProgram = {
  id: 'toxiproxy-2.5.0',
  module: 'github.com/Shopify/toxiproxy/v2/cmd/server@v2.5.0',
  builtAs: 'server',
};

/** A TCP proxy that cuts and stalls the connections of tests to the other services, when it is told to. */
export const toxiproxy: Service<'toxiproxy'> = processService({
  name: 'toxiproxy',
  what: 'Toxiproxy, which cuts and stalls the connections of tests',
  ports: ['http'],
  lacks: (place) => lacksGoProgram(place, server),
  install: (place) => installGoProgram(place, server),
  launch: async (place, { http }) => ({
    program: goProgramPath(place, server),
    args: ['-host', loopback, '-port', String(http)],
  }),
  address: ({ http }) => ({ endpoint: `http://${loopback}:${http}` }),
});
