import { type GoProgram, goProgramPath, installGoProgram, lacksGoProgram } from './installing/go-program.ts';
import { sdkBigtableEmulator } from './installing/google-cloud-sdk.ts';
import { isInstalled } from './installing/installation.ts';
import { lacksGo } from './installing/lacks.ts';
import { loopback } from './machine/ports.ts';
import { processService } from './process-service.ts';
import type { Service, ServicePlace } from './service.ts';

const emulator: GoProgram = {
  id: 'bigtable-emulator-1.58.0',
  module: 'cloud.google.com/go/bigtable/cmd/emulator@v1.58.0',
  builtAs: 'emulator',
};

/** Google's own Bigtable emulator, in memory: the one measured, built by Go, else that of the Cloud SDK. */
export const bigtable: Service<'bigtable'> = processService({
  name: 'bigtable',
  what: "Google's Bigtable emulator, in memory",
  ports: ['grpc'],
  lacks: async (place) => {
    const lacks = await lacksGoProgram(place, emulator);
    if (lacks.length === 0 || (await sdkBigtableEmulator()) !== undefined) return [];
    return lacks.map(({ what, how }) => ({ what, how: `${how}. Or: gcloud components install bigtable` }));
  },
  install: async (place) => {
    if (!(await usesSdk(place))) await installGoProgram(place, emulator);
  },
  launch: async (place, { grpc }) => {
    const program = (await usesSdk(place)) ? await sdkBigtableEmulator() : goProgramPath(place, emulator);
    return { program: program!, args: ['-host', loopback, '-port', String(grpc)] };
  },
  address: ({ grpc }) => ({ host: loopback, port: grpc }),
});

async function usesSdk(place: ServicePlace): Promise<boolean> {
  if ((await isInstalled(place, emulator.id)) || (await lacksGo(25)).length === 0) return false;
  return (await sdkBigtableEmulator()) !== undefined;
}
