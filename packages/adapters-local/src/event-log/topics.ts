import { MilongaError, type TopicDefinition } from '@milonga/core';
import type { BytesByName, Environment } from '../environment/environment.ts';
import { FIRST_NAME } from '../environment/keys.ts';

/** A topic as it is stored. */
export interface Topic {
  readonly id: number;
  readonly name: string;
  readonly partitions: number;
  readonly retentionMs: number;
}

/** What a topic gets when its definition does not say. */
export interface TopicDefaults {
  readonly partitions: number;
  readonly retentionMs: number;
}

const MAX_PARTITIONS = 1_024;

/** The catalogue of topics. A topic keeps its number and its partitions for ever; its retention may change. */
export class Topics {
  readonly #environment: Environment;
  readonly #defaults: TopicDefaults;
  readonly #stored: BytesByName;
  readonly #known = new Map<string, Topic>();

  constructor(environment: Environment, defaults: TopicDefaults) {
    this.#environment = environment;
    this.#defaults = defaults;
    this.#stored = environment.databaseByName('topics');
  }

  find(name: string): Topic | undefined {
    const known = this.#known.get(name);
    if (known !== undefined || name === '') return known;
    const stored = this.#environment.read(() => this.#stored.getBinary(name));
    return stored === undefined ? undefined : this.#remember(JSON.parse(stored.toString()) as Topic);
  }

  /** Every topic as stored now, also those that other processes made. */
  all(): readonly Topic[] {
    return this.#environment.read(() =>
      [...this.#stored.getRange({ start: FIRST_NAME })].map(({ value }) =>
        this.#remember(JSON.parse(value.toString()) as Topic),
      ),
    );
  }

  /** Finds a topic or makes it with the adapter's defaults. */
  async findOrCreate(name: string): Promise<Topic> {
    return this.find(name) ?? (await this.ensure({ name }));
  }

  async ensure(definition: TopicDefinition): Promise<Topic> {
    check(definition);
    const found = this.find(definition.name);
    if (found !== undefined && (definition.retentionMs ?? found.retentionMs) === found.retentionMs) return found;
    return this.#remember(await this.#environment.write(() => this.#store(definition)));
  }

  #store(definition: TopicDefinition): Topic {
    const stored = this.#stored.getBinary(definition.name);
    const existing = stored === undefined ? undefined : (JSON.parse(stored.toString()) as Topic);
    const topic: Topic = {
      id: existing?.id ?? this.#stored.getKeysCount({ start: FIRST_NAME }),
      name: definition.name,
      partitions: existing?.partitions ?? definition.partitions ?? this.#defaults.partitions,
      retentionMs: definition.retentionMs ?? existing?.retentionMs ?? this.#defaults.retentionMs,
    };
    this.#environment.put(this.#stored, topic.name, Buffer.from(JSON.stringify(topic)));
    return topic;
  }

  #remember(topic: Topic): Topic {
    this.#known.set(topic.name, topic);
    return topic;
  }
}

function check({ name, partitions, retentionMs }: TopicDefinition): void {
  if (name === '' || Buffer.byteLength(name) > 400) throw invalid('a name of 1 to 400 bytes', `"${name.slice(0, 60)}"`);
  if (partitions !== undefined && !(Number.isInteger(partitions) && partitions > 0 && partitions <= MAX_PARTITIONS)) {
    throw invalid(`1 to ${MAX_PARTITIONS} partitions`, `${partitions} for "${name}"`);
  }
  if (retentionMs !== undefined && !(Number.isFinite(retentionMs) && retentionMs > 0)) {
    throw invalid('a finite `retentionMs` above 0', `${retentionMs} for "${name}"`);
  }
}

const invalid = (expected: string, found: string): MilongaError =>
  new MilongaError('MILONGA_DEFINITION_INVALID', `A topic needs ${expected}; found ${found}.`);
