import { deadLetterTopicOf, MilongaError, type TopicDefinition } from '@milonga/core';
import { type KafkaClient, KafkaFailure } from '../client/kafka-client.ts';

/** After so long a topic is looked up again: partitions may have been added. */
const KNOWN_MS = 300_000;
const MAX_KNOWN = 10_000;
const NAME = /^[A-Za-z0-9._-]{1,249}$/;
/** Kafka drops whole segments, so a segment holds at most an eighth of the retention, and never less than a minute. */
const SEGMENTS = 8;
const SHORTEST_SEGMENT_MS = 60_000;
const DEAD_LETTER_BYTES = 4 * 1024 * 1024;
const LONGEST_SEGMENT_MS = 7 * 86_400_000;

/** How topics are made that do not say. */
export interface TopicDefaults {
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly retentionMs: number;
  readonly createTopics: boolean;
}

/** The topics of a cluster: made when they are missing, and their numbers of partitions remembered for a while. */
export class Topics {
  readonly #client: KafkaClient;
  readonly #defaults: TopicDefaults;
  readonly #known = new Map<string, { readonly partitions: number; readonly until: number }>();
  readonly #pending = new Map<string, Promise<number>>();

  constructor(client: KafkaClient, defaults: TopicDefaults) {
    this.#client = client;
    this.#defaults = defaults;
  }

  /** The number of partitions, when it was looked up not long ago. */
  known(topic: string): number | undefined {
    const found = this.#known.get(topic);
    return found !== undefined && found.until > performance.now() ? found.partitions : undefined;
  }

  forget(topic: string): void {
    this.#known.delete(topic);
  }

  /** Makes a topic that is missing. Resolves to the number of partitions that it has. */
  async ensure(definition: TopicDefinition): Promise<number> {
    checkName(definition.name);
    if (!this.#defaults.createTopics) return this.findOrCreate(definition.name);
    const partitions = definition.partitions ?? this.#defaults.partitions;
    if (!(Number.isInteger(partitions) && partitions > 0))
      throw invalid(definition.name, `\`partitions\` must be a whole number above 0; found ${partitions}`);
    const retentionMs = definition.retentionMs ?? this.#defaults.retentionMs;
    const segmentMs = Math.min(Math.max(Math.ceil(retentionMs / SEGMENTS), SHORTEST_SEGMENT_MS), LONGEST_SEGMENT_MS);
    const isNew = await this.#client.createTopic({
      name: definition.name,
      partitions,
      replicationFactor: this.#defaults.replicationFactor,
      settings: {
        'retention.ms': String(Math.ceil(retentionMs)),
        'segment.ms': String(segmentMs),
        // A letter is larger than what it tells of.
        ...(isDeadLetterTopic(definition.name) ? { 'max.message.bytes': String(DEAD_LETTER_BYTES) } : {}),
      },
    });
    if (isNew) this.#remember(definition.name, partitions);
    return this.find(definition.name).then((found) => found ?? partitions);
  }

  /** The number of partitions of a topic, which is made if that is allowed. */
  async findOrCreate(topic: string): Promise<number> {
    const known = this.known(topic);
    if (known !== undefined) return known;
    let pending = this.#pending.get(topic);
    if (pending === undefined) {
      pending = this.#findOrCreate(topic).finally(() => this.#pending.delete(topic));
      this.#pending.set(topic, pending);
    }
    return pending;
  }

  async #findOrCreate(topic: string): Promise<number> {
    const found = await this.find(topic);
    if (found !== undefined) return found;
    if (this.#defaults.createTopics) return this.ensure({ name: topic });
    throw new KafkaFailure(
      'no-topic',
      `The topic "${topic}" does not exist, and \`createTopics\` is false.`,
      undefined,
    );
  }

  /** The number of partitions; `undefined` when there is no such topic. */
  async find(topic: string): Promise<number | undefined> {
    const known = this.known(topic);
    if (known !== undefined) return known;
    checkName(topic);
    const partitions = await this.#client.partitionsOf(topic);
    if (partitions !== undefined) this.#remember(topic, partitions);
    return partitions;
  }

  #remember(topic: string, partitions: number): void {
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(topic, { partitions, until: performance.now() + KNOWN_MS });
  }
}

function checkName(topic: string): void {
  if (!NAME.test(topic) || topic === '.' || topic === '..')
    throw invalid(topic, 'Kafka takes 1 to 249 letters, digits, ".", "_" and "-"');
}

const invalid = (topic: string, why: string): MilongaError =>
  new MilongaError('MILONGA_DEFINITION_INVALID', `The topic ${JSON.stringify(topic)} cannot be made: ${why}.`);

/** Whether a topic takes dead letters itself; it has no dead-letter topic of its own until one is needed. */
export const isDeadLetterTopic = (topic: string): boolean => topic.endsWith(deadLetterTopicOf(''));
