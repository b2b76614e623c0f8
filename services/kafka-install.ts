import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installFolder, installOnce, type Step } from './installing/installation.ts';
import { classArchive, javaOptions, log4jProperties, serverProperties } from './kafka-settings.ts';
import { freePorts } from './machine/ports.ts';
import { logFile, runningProcess, startProcess, stopProcess } from './machine/processes.ts';
import { waitUntil } from './machine/waiting.ts';
import type { ServicePlace } from './service.ts';

const version = '3.9.2';

/** Kafka's name in the cache. */
export const kafkaId: string = `kafka-${version}`;

/** Where Kafka is installed. */
export const kafkaFolder = (place: Pick<ServicePlace, 'cache'>): string => installFolder(place, kafkaId);

/** What Maven fetches: the broker, and the logging binding that its own archive carries and its module does not. */
const dependencies = [
  ['org.apache.kafka', 'kafka_2.13', version],
  ['org.slf4j', 'slf4j-reload4j', '1.7.36'],
];

/** The cluster's name; all instances are alike and none meets another. */
const clusterId = '4L6g3nShT-eMCtK--X86sw';

/** Fetches the jars, formats an empty storage once for all instances, and lets one run write the class archive. */
export function installKafka(place: ServicePlace): Promise<void> {
  return installOnce(place, kafkaId, async (home, step) => {
    const pom = join(home, 'pom.xml');
    await writeFile(pom, pomXml());
    const copy = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${join(home, 'libs')}`];
    await step('mvn', ['-B', '-q', '-f', pom, ...copy]);
    await writeFile(join(home, 'log4j.properties'), log4jProperties);
    await formatStorage(home, step);
    await writeClassArchive(home, place.signal);
  });
}

async function formatStorage(home: string, step: Step): Promise<void> {
  const settings = join(home, 'format.properties');
  await writeFile(settings, serverProperties({ broker: 1, controller: 2, logs: join(home, 'formatted') }));
  const format = ['kafka.tools.StorageTool', 'format', '-g', '-t', clusterId, '-c', settings];
  await step('java', [...javaOptions(home), '-cp', join(home, 'libs', '*'), ...format]);
}

/** One start and stop; where it fails, starts only take longer. */
async function writeClassArchive(home: string, signal: AbortSignal): Promise<void> {
  const folder = join(home, 'first-run');
  const port = await freePorts(2);
  const settings = join(home, 'first-run.properties');
  const logs = join(home, 'formatted');
  const copy = join(folder, 'topics');
  await rm(folder, { recursive: true, force: true });
  await cp(logs, copy, { recursive: true });
  await writeFile(settings, serverProperties({ broker: port, controller: port + 1, logs: copy }));
  const options = [...javaOptions(home), `-XX:ArchiveClassesAtExit=${classArchive(home)}`];
  const args = [...options, '-cp', join(home, 'libs', '*'), 'kafka.Kafka', settings];
  try {
    await startProcess(folder, 'kafka', { program: 'java', args });
    const settled = async (): Promise<boolean> =>
      (await readFile(logFile(folder, 'kafka'), 'utf8')).includes('Kafka Server started') ||
      (await runningProcess(folder, 'kafka')) === undefined;
    await waitUntil(settled, { timeoutMs: 60_000, signal });
  } finally {
    await stopProcess(folder, 'kafka', 60_000);
    await rm(folder, { recursive: true, force: true });
  }
}

function pomXml(): string {
  const wanted = dependencies.map(
    ([group, artifact, number]) =>
      `    <dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${number}</version></dependency>`,
  );
  return `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>milonga</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
${wanted.join('\n')}
  </dependencies>
</project>
`;
}
