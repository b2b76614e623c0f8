import type { Logger } from '@milonga/core';
import type { Kafka, KafkaConfig } from 'kafkajs';

/** How {@link kafka} reaches the brokers, and how it works with them. */
export interface KafkaOptions {
  /** Addresses, `host:port`; some of the cluster's are enough. Needed unless `client` is given. */
  readonly brokers?: readonly string[];
  /** The name by which brokers know this program in their logs and quotas. Default: 'milonga'. */
  readonly clientId?: string;
  /** TLS, as kafkajs takes it: `true`, or options of `node:tls`. Default: none. */
  readonly ssl?: KafkaConfig['ssl'];
  /** SASL, as kafkajs takes it; it is handed over and never kept or logged. Default: none. */
  readonly sasl?: KafkaConfig['sasl'];
  /**
   * A `Kafka` object of your own, or a function that makes one when it is needed first. The other options of the
   * connection are then not used. Give it `retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 60 }`.
   */
  readonly client?: Kafka | (() => Kafka | Promise<Kafka>);
  /** Whether topics that are missing are created. Default: true. */
  readonly createTopics?: boolean;
  /** Partitions of a topic that does not say. Default: 4. */
  readonly partitions?: number;
  /** Copies of each partition of a created topic. Default: what the cluster has as its default. */
  readonly replicationFactor?: number;
  /** How long a created topic keeps events that does not say. Default: 7 days. */
  readonly retentionMs?: number;
  /** How long `publish` tries, through an outage too. Default: 60,000. */
  readonly publishTimeoutMs?: number;
  /** Events that may wait to be published, besides one call of any size; more are refused at once. Default: 100,000. */
  readonly maxWaitingEvents?: number;
  /** Before the first redelivery of a failed batch; doubles with each. Default: 100. */
  readonly retryDelayMs?: number;
  /** After so much silence of a member its partitions go to others. Within the broker's limits (6,000 to 1,800,000 unless changed). Default: 10,000. */
  readonly sessionTimeoutMs?: number;
  /** How long a group waits, when members come or go, for handlers that run; it goes on without those that take longer. Default: 60,000. */
  readonly rebalanceTimeoutMs?: number;
  /** Most bytes of one partition that are fetched at once; two such runs are in memory for each. Default: 1,048,576. */
  readonly maxFetchBytes?: number;
  /** Where failures go that were mended. Default: nowhere. */
  readonly logger?: Logger;
}
