import { MilongaError, type SubscribeOptions } from '@milonga/core';
import { GRPC, grpcCodeOf } from '../../grpc/failures.ts';
import { retrying } from '../../grpc/retrying.ts';
import type { PubSubConnection } from '../client/pubsub-connection.ts';
import { type KnownTopic, retentionOf } from './topics.ts';

/** How the subscriptions of groups are made. */
export interface SubscriptionsOptions {
  readonly createTopics: boolean;
  readonly ackDeadlineMs: number;
  readonly retentionMs: number;
  readonly timeoutMs: number;
}

/** A group's subscription. */
export interface KnownSubscription {
  readonly path: string;
  /** What was published before, Unix ms, is not for the group. Only where Pub/Sub does not see to that itself. */
  readonly startAt: number;
}

/** Says where the group began: `earliest-pending` until it was moved there, `earliest`, or `latest-<Unix ms>`. */
const LABEL = 'milonga-from';
const PENDING = 'earliest-pending';

/**
 * The subscription of a group, made when it is missing. A new one begins at its creation; a group that wants everything is
 * moved back to the first message that the topic retains, and again if its maker died before that.
 */
export async function ensureSubscription(
  connection: PubSubConnection,
  topic: KnownTopic,
  group: string,
  from: NonNullable<SubscribeOptions['from']>,
  options: SubscriptionsOptions,
): Promise<KnownSubscription> {
  const path = connection.subscriptionPath(topic.name, group);
  let label = await labelOf(connection, path, options.timeoutMs);
  if (label === undefined) {
    if (!options.createTopics) throw missing(path);
    label = from === 'earliest' ? PENDING : `latest-${Date.now()}`;
    const isOurs = await create(connection, topic, path, label, options);
    if (!isOurs) label = (await labelOf(connection, path, options.timeoutMs)) ?? label;
  }
  if (label === PENDING) await moveToStart(connection, path, options);
  const startAt = connection.isEmulator && label.startsWith('latest-') ? Number(label.slice('latest-'.length)) : 0;
  return { path, startAt };
}

/** `undefined` when there is no such subscription; empty when it was made by others. */
async function labelOf(connection: PubSubConnection, path: string, timeoutMs: number): Promise<string | undefined> {
  try {
    const [found] = await retrying(timeoutMs, (limits) =>
      connection.subscriber.getSubscription({ subscription: path }, limits),
    );
    if (found.enableMessageOrdering !== true) throw unordered(path);
    return found.labels?.[LABEL] ?? '';
  } catch (error) {
    if (grpcCodeOf(error) === GRPC.notFound) return undefined;
    throw error;
  }
}

/** False when another member was faster. */
async function create(
  { subscriber }: PubSubConnection,
  topic: KnownTopic,
  path: string,
  label: string,
  { ackDeadlineMs, retentionMs, timeoutMs }: SubscriptionsOptions,
): Promise<boolean> {
  const subscription = {
    name: path,
    topic: topic.path,
    labels: { [LABEL]: label },
    enableMessageOrdering: true,
    ackDeadlineSeconds: Math.round(ackDeadlineMs / 1_000),
    messageRetentionDuration: retentionOf(retentionMs),
    expirationPolicy: {}, // never: a group that rests keeps its place
  };
  try {
    await retrying(timeoutMs, (limits) => subscriber.createSubscription(subscription, limits));
    return true;
  } catch (error) {
    if (grpcCodeOf(error) === GRPC.alreadyExists) return false;
    throw error;
  }
}

async function moveToStart(
  { subscriber, isEmulator }: PubSubConnection,
  path: string,
  { timeoutMs }: SubscriptionsOptions,
): Promise<void> {
  // The emulator begins at the first retained message of itself, and can neither seek where there is order nor change labels.
  if (isEmulator) return;
  await retrying(timeoutMs, (limits) => subscriber.seek({ subscription: path, time: { seconds: 1 } }, limits));
  const update = { subscription: { name: path, labels: { [LABEL]: 'earliest' } }, updateMask: { paths: ['labels'] } };
  await retrying(timeoutMs, (limits) => subscriber.updateSubscription(update, limits));
}

const missing = (path: string): MilongaError =>
  new MilongaError(
    'MILONGA_DEFINITION_INVALID',
    `Pub/Sub has no subscription ${path}. Create it with message ordering, or let the adapter do it (createTopics).`,
  );

const unordered = (path: string): MilongaError =>
  new MilongaError(
    'MILONGA_DEFINITION_INVALID',
    `The subscription ${path} has no message ordering, which cannot be turned on later. Delete it and let the adapter make it.`,
  );
