import { messageOf } from '@milonga/core';
import { KafkaFailure, type KafkaFailureKind } from './kafka-client.ts';

/** Error types of the protocol, as kafkajs names them, that are no matter of waiting. */
const KINDS: Readonly<Record<string, KafkaFailureKind>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'no-topic',
  MESSAGE_TOO_LARGE: 'too-large',
  RECORD_LIST_TOO_LARGE: 'too-large',
  CORRUPT_MESSAGE: 'invalid',
  INVALID_MESSAGE: 'invalid',
  INVALID_RECORD: 'invalid',
  INVALID_TIMESTAMP: 'invalid',
  INVALID_TOPIC_EXCEPTION: 'invalid',
  INVALID_PARTITIONS: 'invalid',
  INVALID_REPLICATION_FACTOR: 'invalid',
  INVALID_CONFIG: 'invalid',
  INVALID_REQUEST: 'invalid',
  INVALID_GROUP_ID: 'invalid',
  INVALID_SESSION_TIMEOUT: 'invalid',
  INCONSISTENT_GROUP_PROTOCOL: 'invalid',
  POLICY_VIOLATION: 'invalid',
  UNSUPPORTED_VERSION: 'invalid',
  TOPIC_AUTHORIZATION_FAILED: 'denied',
  GROUP_AUTHORIZATION_FAILED: 'denied',
  CLUSTER_AUTHORIZATION_FAILED: 'denied',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'denied',
  SASL_AUTHENTICATION_FAILED: 'denied',
  UNKNOWN_MEMBER_ID: 'lost',
  ILLEGAL_GENERATION: 'lost',
  FENCED_INSTANCE_ID: 'lost',
  REBALANCE_IN_PROGRESS: 'lost',
  OUT_OF_ORDER_SEQUENCE_NUMBER: 'lost',
  DUPLICATE_SEQUENCE_NUMBER: 'lost',
  INVALID_PRODUCER_EPOCH: 'lost',
  INVALID_PRODUCER_ID_MAPPING: 'lost',
  UNKNOWN_PRODUCER_ID: 'lost',
};

/** Errors of kafkajs itself that waiting does not mend. */
const NAMES: Readonly<Record<string, KafkaFailureKind>> = {
  KafkaJSSASLAuthenticationError: 'denied',
  KafkaJSNotImplemented: 'invalid',
  KafkaJSUnsupportedMagicByteInMessageSet: 'invalid',
  KafkaJSInvariantViolation: 'invalid',
};

interface LibraryError {
  readonly type?: unknown;
  readonly name?: unknown;
  readonly cause?: unknown;
  readonly originalError?: unknown;
  readonly errors?: unknown;
}

/** Puts an error of kafkajs into the seam's terms. What is not known to be hopeless counts as `unavailable`. */
export function failureOf(error: unknown, what: string): KafkaFailure {
  if (error instanceof KafkaFailure) return error;
  const seen = new Set<unknown>();
  const queue: unknown[] = [error];
  while (queue.length > 0) {
    const at = queue.shift();
    if (typeof at !== 'object' || at === null || seen.has(at)) continue;
    seen.add(at);
    const { type, name, cause, originalError, errors } = at as LibraryError;
    const kind = KINDS[String(type)] ?? NAMES[String(name)];
    if (kind !== undefined) return new KafkaFailure(kind, `${what}: ${messageOf(at)}`, error);
    queue.push(cause, originalError, ...(Array.isArray(errors) ? errors : []));
  }
  return new KafkaFailure('unavailable', `${what}: ${messageOf(error)}`, error);
}
