import { MilongaError, silentLogger } from '@milonga/core';
import type { Admin, Kafka, logCreator, PartitionMetadata } from 'kafkajs';
import { AdminSession } from './admin-session.ts';
import { type ConnectionOptions, RETRY } from './connection-options.ts';
import {
  type KafkaClient,
  type KafkaConsumer,
  type KafkaConsumerListener,
  type KafkaConsumerSettings,
  KafkaFailure,
  type KafkaProducer,
  type NewTopic,
  type PartitionBounds,
} from './kafka-client.ts';
import { KafkaJsConsumer } from './kafkajs-consumer.ts';
import { KafkaJsProducer } from './kafkajs-producer.ts';
import { loadKafkaJs } from './load-kafkajs.ts';

/** A new topic has leaders within milliseconds; brokers that come back may take longer. */
const LEADERS_WITHIN_MS = 30_000;
const LOOK_MS = 20;

/** {@link KafkaClient} over kafkajs 2. */
export class KafkaJsClient implements KafkaClient {
  readonly #kafka: () => Promise<Kafka>;
  readonly #admin: AdminSession;
  #loaded: Promise<Kafka> | undefined;
  #lastTrouble: string | undefined;

  constructor(options: ConnectionOptions) {
    this.#kafka = () => {
      this.#loaded ??= kafkaOf(options, (trouble) => {
        this.#lastTrouble = trouble;
      }).catch((error: unknown) => {
        this.#loaded = undefined;
        throw error;
      });
      return this.#loaded;
    };
    this.#admin = new AdminSession(async () => (await this.#kafka()).admin({ retry: RETRY }));
  }

  /** kafkajs's own waiting fails when the broker that is asked has not heard of the topic yet; so we wait ourselves. */
  async createTopic({ name, partitions, replicationFactor, settings }: NewTopic): Promise<boolean> {
    const configEntries = Object.entries(settings).map(([key, value]) => ({ name: key, value }));
    const topics = [{ topic: name, numPartitions: partitions, replicationFactor, configEntries }];
    const isNew = await this.#admin.call(`Creating the topic "${name}"`, (admin) =>
      admin.createTopics({ topics, waitForLeaders: false }),
    );
    for (const endsAt = performance.now() + LEADERS_WITHIN_MS; !(await this.#hasLeaders(name)); ) {
      if (performance.now() > endsAt)
        throw new KafkaFailure('unavailable', `The topic "${name}" was made and has no leaders yet.`, undefined);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return isNew;
  }

  async #hasLeaders(topic: string): Promise<boolean> {
    const partitions = (await this.#partitions(topic)) ?? [];
    return partitions.length > 0 && partitions.every(({ leader }) => leader >= 0);
  }

  async partitionsOf(topic: string): Promise<number | undefined> {
    return (await this.#partitions(topic))?.length;
  }

  /** `undefined` when there is no such topic, as far as the broker that is asked has heard. */
  #partitions(topic: string): Promise<readonly PartitionMetadata[] | undefined> {
    const look = async (admin: Admin): Promise<readonly PartitionMetadata[] | undefined> =>
      (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions;
    return this.#admin.call(`Looking up the topic "${topic}"`, look).catch((error: unknown) => {
      if (error instanceof KafkaFailure && error.kind === 'no-topic') return undefined;
      throw error;
    });
  }

  async boundsOf(topic: string): Promise<readonly PartitionBounds[]> {
    const bounds = await this.#admin.call(`Reading the offsets of "${topic}"`, (admin) =>
      admin.fetchTopicOffsets(topic),
    );
    return bounds
      .map(({ partition, low, high }) => ({ partition, firstOffset: Number(low), endOffset: Number(high) }))
      .sort((a, b) => a.partition - b.partition);
  }

  async committedOffsets(group: string, topic: string): Promise<ReadonlyMap<number, number>> {
    const [found] = await this.#admin.call(`Reading the positions of the group "${group}"`, (admin) =>
      admin.fetchOffsets({ groupId: group, topics: [topic] }),
    );
    const offsets = new Map<number, number>();
    for (const { partition, offset } of found?.partitions ?? [])
      if (Number(offset) >= 0) offsets.set(partition, Number(offset));
    return offsets;
  }

  async producer(): Promise<KafkaProducer> {
    return KafkaJsProducer.open(await this.#kafka());
  }

  async consumer(settings: KafkaConsumerSettings, listener: KafkaConsumerListener): Promise<KafkaConsumer> {
    const { AssignerProtocol } = await loadKafkaJs();
    return new KafkaJsConsumer(await this.#kafka(), AssignerProtocol, settings, listener);
  }

  get lastTrouble(): string | undefined {
    return this.#lastTrouble;
  }

  close(): Promise<void> {
    return this.#admin.close();
  }
}

async function kafkaOf(options: ConnectionOptions, onTrouble: (trouble: string) => void): Promise<Kafka> {
  const { client, brokers, clientId = 'milonga', ssl, sasl } = options;
  if (client !== undefined) return typeof client === 'function' ? client() : client;
  if (brokers === undefined || brokers.length === 0)
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      'kafka({ … }) needs `brokers`, a list of "host:port", or `client`, a Kafka object of kafkajs; found neither.',
    );
  const { Kafka, logLevel } = await loadKafkaJs();
  return new Kafka({
    brokers: [...brokers],
    clientId,
    retry: RETRY,
    logLevel: logLevel.WARN,
    logCreator: logsTo(options.logger ?? silentLogger, logLevel.ERROR, onTrouble),
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
  });
}

/** kafkajs calls errors what it goes on to mend by itself; so they are warnings here. */
const logsTo =
  (
    logger: NonNullable<ConnectionOptions['logger']>,
    errorLevel: number,
    onTrouble: (trouble: string) => void,
  ): logCreator =>
  () =>
  ({ level, namespace, log: { message, error, groupId } }) => {
    const fields = { namespace, error, groupId };
    if (level <= errorLevel) {
      onTrouble(typeof error === 'string' && error !== message ? `${message}: ${error}` : message);
      logger.warn(`kafkajs: ${message}`, fields);
    } else logger.debug(`kafkajs: ${message}`, fields);
  };
