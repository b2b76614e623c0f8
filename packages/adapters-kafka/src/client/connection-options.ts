import type { Logger } from '@milonga/core';
import type { Kafka, KafkaConfig } from 'kafkajs';

/** How brokers are reached: by addresses and credentials, or by a client of the user's own. */
export interface ConnectionOptions {
  readonly brokers?: readonly string[];
  readonly clientId?: string;
  readonly ssl?: KafkaConfig['ssl'];
  readonly sasl?: KafkaConfig['sasl'];
  readonly client?: Kafka | (() => Kafka | Promise<Kafka>);
  readonly logger?: Logger;
}

/**
 * A restarted broker is met within a second, and an outage of up to a minute is ridden out inside a single call; with
 * the library's own settings calls fail after some 10 s.
 */
export const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 60 } as const;
