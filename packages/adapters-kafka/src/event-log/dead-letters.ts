import { deadLetterTopicOf } from '@milonga/core';
import { type KafkaClient, KafkaFailure, type KafkaProducer, type OutgoingRecord } from '../client/kafka-client.ts';
import { partitionOfBytes } from './key-partition.ts';
import type { DeadRecords } from './partition-worker.ts';
import { deadLetterOf, sizeOf } from './record-codec.ts';
import type { Topics } from './topics.ts';

const LONGEST_CAUSE = 1_000;
const BATCH_BYTES = 900_000;
const BATCH_RECORDS = 2_000;

/** Stores what groups could not handle. One request at a time; at least once, in the order of the partition. */
export class DeadLetters {
  readonly #client: KafkaClient;
  readonly #topics: Topics;
  #producer: KafkaProducer | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(client: KafkaClient, topics: Topics) {
    this.#client = client;
    this.#topics = topics;
  }

  /** Resolves when all are stored; when it rejects, some may have been. */
  store(topic: string, group: string, dead: DeadRecords): Promise<void> {
    const stored = this.#last.then(() => this.#store(topic, group, dead));
    this.#last = stored.catch(() => {}); // Told to whoever called.
    return stored;
  }

  async #store(topic: string, group: string, { partition, records, cause }: DeadRecords): Promise<void> {
    const partitions = await this.#topics.findOrCreate(deadLetterTopicOf(topic));
    let letters: OutgoingRecord[] = [];
    let bytes = 0;
    for (const record of records) {
      const letter = deadLetterOf({ topic, partition }, record, {
        'milonga-cause': cause.slice(0, LONGEST_CAUSE),
        'milonga-topic': topic,
        'milonga-partition': String(partition),
        'milonga-offset': String(record.offset),
        'milonga-group': group,
      });
      const size = sizeOf(letter);
      if (letters.length > 0 && (bytes + size > BATCH_BYTES || letters.length >= BATCH_RECORDS)) {
        await this.#send(letters);
        letters = [];
        bytes = 0;
      }
      letters.push(letter.key === null ? letter : { ...letter, partition: partitionOfBytes(letter.key, partitions) });
      bytes += size;
    }
    await this.#send(letters);
  }

  async #send(letters: readonly OutgoingRecord[]): Promise<void> {
    try {
      this.#producer ??= await this.#client.producer();
      await this.#producer.send(letters);
    } catch (error) {
      const producer = this.#producer;
      this.#producer = undefined;
      await producer?.close();
      const [only] = letters;
      const isTooLarge = error instanceof KafkaFailure && error.kind === 'too-large';
      if (!isTooLarge || letters.length !== 1 || only?.value?.length === 0) throw error;
      return this.#send([withoutValue(only!)]);
    }
  }

  async close(): Promise<void> {
    await this.#last;
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.close();
  }
}

/** A letter that the dead-letter topic does not take as it is: where the event lies matters more than its bytes. */
const withoutValue = (letter: OutgoingRecord): OutgoingRecord => ({
  ...letter,
  value: Buffer.alloc(0),
  headers: { ...letter.headers, 'milonga-value-omitted': `${letter.value?.length ?? 0} bytes` },
});
