import type { Kafka, Message, Producer } from 'kafkajs';
import { RETRY } from './connection-options.ts';
import { KafkaFailure, type KafkaProducer, type OutgoingRecord } from './kafka-client.ts';
import { failureOf } from './kafkajs-errors.ts';

/** {@link KafkaProducer} over the idempotent producer of kafkajs. */
export class KafkaJsProducer implements KafkaProducer {
  readonly #producer: Producer;

  private constructor(producer: Producer) {
    this.#producer = producer;
  }

  static async open(kafka: Kafka): Promise<KafkaJsProducer> {
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: RETRY,
      createPartitioner: () => chosenPartition,
    });
    try {
      await producer.connect();
    } catch (error) {
      await producer.disconnect().catch(() => {}); // The error below says more.
      throw failureOf(error, 'Connecting a producer');
    }
    return new KafkaJsProducer(producer);
  }

  async send(records: readonly OutgoingRecord[]): Promise<void> {
    const messages = new Map<string, Message[]>();
    const missing = new Set<string>();
    for (const record of records) {
      let ofTopic = messages.get(record.topic);
      if (ofTopic === undefined) {
        ofTopic = [];
        messages.set(record.topic, ofTopic);
      }
      ofTopic.push(record as unknown as Message);
      missing.add(`${record.partition} of ${record.topic}`);
    }
    const topicMessages = Array.from(messages, ([topic, list]) => ({ topic, messages: list }));
    const stored = await this.#producer.sendBatch({ acks: -1, topicMessages }).catch((error: unknown) => {
      throw failureOf(error, 'Publishing');
    });
    // When a partition moves to another broker in the midst of a call, kafkajs can leave it out and still succeed.
    for (const { topicName, partition } of stored) missing.delete(`${partition} of ${topicName}`);
    if (missing.size > 0)
      throw new KafkaFailure(
        'unavailable',
        `No broker has acknowledged partition ${[...missing].join(', ')}.`,
        undefined,
      );
  }

  async close(): Promise<void> {
    await this.#producer.disconnect().catch(() => {}); // The connection is gone either way.
  }
}

const chosenPartition = ({ message }: { readonly message: Message }): number => message.partition ?? 0;
