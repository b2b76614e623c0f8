import type { PubSub, v1 } from '@google-cloud/pubsub';
import { RECONNECTING } from '../../grpc/reconnecting.ts';
import type { PubSubAdapterOptions } from '../pubsub-options.ts';
import { loadPubSub } from './load-pubsub.ts';
import { resourceIdOf } from './resource-id.ts';

/**
 * The generated clients for publishing and pulling. They are made from the settings of a `PubSub` client and are our own, so
 * that closing them leaves that client as it was.
 */
export class PubSubConnection {
  readonly publisher: InstanceType<typeof v1.PublisherClient>;
  readonly subscriber: InstanceType<typeof v1.SubscriberClient>;
  /** True for Google's emulator, which gives a new subscription what its topic retains. */
  readonly isEmulator: boolean;
  readonly #project: string;

  private constructor(
    publisher: InstanceType<typeof v1.PublisherClient>,
    subscriber: InstanceType<typeof v1.SubscriberClient>,
    project: string,
    isEmulator: boolean,
  ) {
    this.publisher = publisher;
    this.subscriber = subscriber;
    this.#project = project;
    this.isEmulator = isEmulator;
  }

  /** Loads the SDK and makes the clients; connects at the first call. */
  static async open(options: PubSubAdapterOptions): Promise<PubSubConnection> {
    const sdk = await loadPubSub();
    const client = await clientOf(options, sdk.PubSub);
    const settings = { ...RECONNECTING, ...(await client.getClientConfig()) };
    const publisher = new sdk.v1.PublisherClient(settings);
    const subscriber = new sdk.v1.SubscriberClient(settings);
    await subscriber.initialize(); // its inner calls exist only then
    return new PubSubConnection(publisher, subscriber, client.projectId, client.isEmulator);
  }

  topicPath(topic: string): string {
    return `projects/${this.#project}/topics/${resourceIdOf(topic)}`;
  }

  subscriptionPath(topic: string, group: string): string {
    return `projects/${this.#project}/subscriptions/${resourceIdOf(`${topic}.${group}`)}`;
  }

  async close(): Promise<void> {
    await Promise.all([this.publisher.close(), this.subscriber.close()]);
  }
}

async function clientOf(options: PubSubAdapterOptions, Sdk: typeof PubSub): Promise<PubSub> {
  const { client } = options;
  if (client === undefined) return new Sdk(options.clientOptions);
  return typeof client === 'function' ? client() : client;
}
