import { cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isInstalled } from './installing/installation.ts';
import { lacksJava, lacksMaven } from './installing/lacks.ts';
import { installKafka, kafkaFolder, kafkaId } from './kafka-install.ts';
import { archiveOptions, javaOptions, serverProperties } from './kafka-settings.ts';
import { loopback } from './machine/ports.ts';
import { logFile } from './machine/processes.ts';
import { processService } from './process-service.ts';
import type { Service, ServicePlace } from './service.ts';

/** A real Apache Kafka: one process, broker and controller (KRaft). Its topics stay on disk between a down and an up. */
export const kafka: Service<'kafka'> = processService({
  name: 'kafka',
  what: 'one Apache Kafka broker (KRaft), with its topics on disk',
  ports: ['broker', 'controller'],
  lacks: async (place) => [
    ...(await lacksJava(11)),
    ...((await isInstalled(place, kafkaId)) ? [] : await lacksMaven()),
  ],
  install: installKafka,
  launch: async (place, ports) => {
    const home = kafkaFolder(place);
    const logs = join(place.folder, 'topics');
    await formatOnce(home, logs);
    const settings = join(place.folder, 'server.properties');
    await writeFile(settings, serverProperties({ ...ports, logs }));
    const options = [...javaOptions(home), ...(await archiveOptions(home))];
    return { program: 'java', args: [...options, '-cp', join(home, 'libs', '*'), 'kafka.Kafka', settings] };
  },
  address: ({ broker }) => ({ brokers: [`${loopback}:${broker}`] }),
  // The port answers before the broker knows its topics.
  serves: hasStarted,
});

/** The storage is formatted when Kafka is installed; an instance starts from a copy. */
async function formatOnce(home: string, logs: string): Promise<void> {
  const formatted = await stat(join(logs, 'meta.properties')).catch(() => undefined);
  if (formatted !== undefined) return;
  await mkdir(logs, { recursive: true });
  await cp(join(home, 'formatted'), logs, { recursive: true });
}

async function hasStarted({ folder }: ServicePlace): Promise<boolean> {
  return (await readFile(logFile(folder, 'kafka'), 'utf8')).includes('Kafka Server started');
}
