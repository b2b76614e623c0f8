import type { ClientConfig, PubSub } from '@google-cloud/pubsub';

/** Where {@link pubsub} publishes and subscribes, and how. */
export interface PubSubAdapterOptions {
  /** A client of yours, or a function that makes one when it is needed first. It is used, and never closed. */
  readonly client?: PubSub | (() => PubSub | Promise<PubSub>);
  /**
   * What a client is made of where you pass none: project, endpoint, credentials, as the SDK describes them. Choose the
   * regional endpoint of your processes: Pub/Sub keeps order among messages published in one region. Default: what the SDK
   * finds in the environment.
   */
  readonly clientOptions?: ClientConfig;
  /** False when topics and subscriptions are made by others: then they are only looked for. Default: true. */
  readonly createTopics?: boolean;
  /** Partitions of a topic that does not say. Each takes 1 MB/s, the limit of an ordering key. Default: 16. */
  readonly partitions?: number;
  /** How long a topic keeps events that does not say: 10 minutes to 31 days. Default: 7 days. */
  readonly retentionMs?: number;
  /**
   * How long messages stay with a member that has died, 10,000 to 600,000. They stay with a living one for as long as its
   * handler works. Default: 10,000.
   */
  readonly ackDeadlineMs?: number;
  /** Before the first redelivery of a failed batch; doubles with each, up to 30 s. Default: 100. */
  readonly retryDelayMs?: number;
  /** How long a publish goes on trying before its events fail. Default: 30,000. */
  readonly publishTimeoutMs?: number;
  /** Most events that wait to be published; beyond that `publish` fails, retryably. Default: 200,000. */
  readonly maxWaitingEvents?: number;
  /** The table of the `OfflineStore` that holds the positions of groups. Default: 'pubsub-positions'. */
  readonly positionsTable?: string;
  /** Latest ids of a partition that are remembered for each group, to tell duplicates. Default: 50,000. */
  readonly rememberedIds?: number;
  /**
   * Events that were given out, and whose member has gone, must come again before later ones go on. When they have not for
   * so long, because somebody purged or moved the subscription, they are given up, with a warning. Default: 900,000.
   */
  readonly abandonAfterMs?: number;
}
