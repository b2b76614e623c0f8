import { MilongaError, type TopicDefinition } from '@milonga/core';
import { GRPC, grpcCodeOf } from '../../grpc/failures.ts';
import { retrying } from '../../grpc/retrying.ts';
import type { PubSubConnection } from '../client/pubsub-connection.ts';

/** A topic as publishing and subscribing need it. */
export interface KnownTopic {
  readonly name: string;
  readonly path: string;
  readonly partitions: number;
}

/** How topics are made. */
export interface TopicsOptions {
  readonly createTopics: boolean;
  readonly partitions: number;
  readonly retentionMs: number;
  readonly timeoutMs: number;
}

const LABEL = 'milonga-partitions';
const SHORTEST_RETENTION_MS = 600_000;
const LONGEST_RETENTION_MS = 31 * 86_400_000;

/** A retention as Pub/Sub takes it. */
export const retentionOf = (ms: number): { readonly seconds: number } => ({
  seconds: Math.ceil(Math.min(Math.max(ms, SHORTEST_RETENTION_MS), LONGEST_RETENTION_MS) / 1_000),
});

/** The topics of a project: makes them, and remembers their partitions, which a label of the topic holds. */
export class Topics {
  readonly #connection: PubSubConnection;
  readonly #options: TopicsOptions;
  readonly #known = new Map<string, Promise<KnownTopic>>();

  constructor(connection: PubSubConnection, options: TopicsOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** The topic; made when it is missing, with the defaults of the adapter where the definition does not say. */
  ensure(definition: TopicDefinition): Promise<KnownTopic> {
    const { name } = definition;
    let known = this.#known.get(name);
    if (known === undefined) {
      known = this.#ensure(definition);
      this.#known.set(name, known);
      known.catch(() => this.#known.delete(name));
    }
    return known;
  }

  /** The topic if it is there. */
  async find(name: string): Promise<KnownTopic | undefined> {
    const path = this.#connection.topicPath(name);
    try {
      const [topic] = await retrying(this.#options.timeoutMs, (limits) =>
        this.#connection.publisher.getTopic({ topic: path }, limits),
      );
      return { name, path, partitions: Number(topic.labels?.[LABEL] ?? this.#options.partitions) };
    } catch (error) {
      if (grpcCodeOf(error) === GRPC.notFound) return undefined;
      throw error;
    }
  }

  async #ensure({ name, partitions = this.#options.partitions, retentionMs }: TopicDefinition): Promise<KnownTopic> {
    const there = await this.find(name);
    if (there !== undefined) return there;
    if (!this.#options.createTopics) throw missing(name);
    const path = this.#connection.topicPath(name);
    const topic = {
      name: path,
      labels: { [LABEL]: String(partitions) },
      messageRetentionDuration: retentionOf(retentionMs ?? this.#options.retentionMs),
    };
    try {
      await retrying(this.#options.timeoutMs, (limits) => this.#connection.publisher.createTopic(topic, limits));
    } catch (error) {
      if (grpcCodeOf(error) !== GRPC.alreadyExists) throw error;
      return (await this.find(name)) ?? { name, path, partitions }; // another process was faster
    }
    return { name, path, partitions };
  }
}

const missing = (topic: string): MilongaError =>
  new MilongaError(
    'MILONGA_DEFINITION_INVALID',
    `Pub/Sub has no topic "${topic}". Create it with the label ${LABEL}, or let the adapter do it (createTopics).`,
  );
