import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { loopback } from './machine/ports.ts';

/** What differs from one instance to another. */
export interface KafkaInstance {
  readonly broker: number;
  readonly controller: number;
  /** The folder of the topics. */
  readonly logs: string;
}

/** The settings of a broker that is its own controller, made for a single machine: small, and quick to come back. */
export function serverProperties({ broker, controller, logs }: KafkaInstance): string {
  const settings: Readonly<Record<string, string | number | boolean>> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${loopback}:${controller}`,
    listeners: `PLAINTEXT://${loopback}:${broker},CONTROLLER://${loopback}:${controller}`,
    'advertised.listeners': `PLAINTEXT://${loopback}:${broker}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': logs,
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    // With the defaults a broker that was killed waits for its own old session: 13 to 15 s instead of 4.
    'broker.session.timeout.ms': 2_000,
    'broker.heartbeat.interval.ms': 500,
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    'file.delete.delay.ms': 1_000,
    'num.network.threads': 2,
    'num.io.threads': 2,
  };
  return `${Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
}

/** Warnings, and the line that says the broker has started; without it there would be no log at all. */
export const log4jProperties = `log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=[%d] %p %m (%c)%n
log4j.logger.kafka.server.KafkaRaftServer=INFO
`;

/** A small heap and the compilers that start soonest. */
export function javaOptions(home: string): readonly string[] {
  const speed = ['-Xms128m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  return [...speed, `-Dlog4j.configuration=file:${join(home, 'log4j.properties')}`];
}

/** The file of classes that Java has already read and checked: a start takes half as long with it. */
export const classArchive = (home: string): string => join(home, 'classes.jsa');

export async function archiveOptions(home: string): Promise<readonly string[]> {
  const archive = classArchive(home);
  const found = await stat(archive).catch(() => undefined);
  return found === undefined ? [] : [`-XX:SharedArchiveFile=${archive}`];
}
