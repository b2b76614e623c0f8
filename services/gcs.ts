import { type GoProgram, goProgramPath, installGoProgram, lacksGoProgram } from './installing/go-program.ts';
import { loopback } from './machine/ports.ts';
import { processService } from './process-service.ts';
import type { Service } from './service.ts';

const fakeGcsServer: GoProgram = {
  id: 'fake-gcs-server-1.56.1',
  module: 'github.com/fsouza/fake-gcs-server@v1.56.1',
  builtAs: 'fake-gcs-server',
};

/** A stand-in for Google Cloud Storage, in memory. */
export const gcs: Service<'gcs'> = processService({
  name: 'gcs',
  what: 'a stand-in for Google Cloud Storage (fake-gcs-server), in memory',
  ports: ['http'],
  lacks: (place) => lacksGoProgram(place, fakeGcsServer),
  install: (place) => installGoProgram(place, fakeGcsServer),
  launch: async (place, { http }) => {
    const here = `${loopback}:${http}`;
    const listen = ['-scheme', 'http', '-host', loopback, '-port', String(http)];
    // The addresses of resumable uploads and of media links are to lead back to this server.
    const links = ['-external-url', `http://${here}`, '-public-host', here];
    const program = goProgramPath(place, fakeGcsServer);
    return { program, args: [...listen, ...links, '-backend', 'memory', '-log-level', 'warn'] };
  },
  address: ({ http }) => ({ endpoint: `http://${loopback}:${http}` }),
});
