import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sdkPubsubJar } from './installing/google-cloud-sdk.ts';
import { installFolder, installOnce, isInstalled } from './installing/installation.ts';
import { lacksGo, lacksJava } from './installing/lacks.ts';
import { loopback } from './machine/ports.ts';
import { processService } from './process-service.ts';
import type { Service, ServicePlace } from './service.ts';

const pstestVersion = '2.8.1';
const pstestId = `pstest-${pstestVersion}`;

/** Google's Pub/Sub emulator where a Cloud SDK and Java are at hand, else Google's smaller in-memory fake, built by Go. */
export const pubsub: Service<'pubsub'> = processService({
  name: 'pubsub',
  what: "Google's Pub/Sub emulator, else Google's in-memory fake of it (pstest)",
  ports: ['grpc'],
  lacks: async (place) => {
    if ((await emulatorJar()) !== undefined || (await isInstalled(place, pstestId))) return [];
    const lacks = await lacksGo(25);
    const other = 'gcloud components install pubsub-emulator, with Java 11 or newer';
    return lacks.map(({ what, how }) => ({ what, how: `${how}. Or, which is the better one: ${other}` }));
  },
  install: async (place) => {
    if ((await emulatorJar()) === undefined) await installPstest(place);
  },
  launch: async (place, { grpc }) => {
    const jar = await emulatorJar();
    if (jar === undefined) {
      return { program: join(installFolder(place, pstestId), 'pstest'), args: ['-address', `${loopback}:${grpc}`] };
    }
    const heap = ['-Xms64m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    return { program: 'java', args: [...heap, '-jar', jar, `--host=${loopback}`, `--port=${grpc}`] };
  },
  address: ({ grpc }) => ({ host: loopback, port: grpc }),
});

async function emulatorJar(): Promise<string | undefined> {
  const jar = await sdkPubsubJar();
  return jar !== undefined && (await lacksJava(11)).length === 0 ? jar : undefined;
}

function installPstest(place: ServicePlace): Promise<void> {
  return installOnce(place, pstestId, async (folder, step) => {
    const source = join(folder, 'source');
    await cp(join(import.meta.dirname, 'pstest'), source, { recursive: true });
    const required = `require cloud.google.com/go/pubsub/v2 v${pstestVersion}`;
    await writeFile(join(source, 'go.mod'), `module pstest\n\ngo 1.25.0\n\n${required}\n`);
    const options = { cwd: source, env: { CGO_ENABLED: '0' } };
    await step('go', ['mod', 'tidy'], options);
    await step('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', join(folder, 'pstest'), '.'], options);
  });
}
