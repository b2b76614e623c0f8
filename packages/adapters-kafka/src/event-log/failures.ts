import { type ErrorCode, MilongaError, messageOf } from '@milonga/core';
import { KafkaFailure, type KafkaFailureKind } from '../client/kafka-client.ts';

/** The error for a call after close. */
export const closed = (what: string): MilongaError =>
  new MilongaError('MILONGA_CLOSED', `The ${what} was used after it was closed.`);

const ADVICE: Readonly<Record<KafkaFailureKind, string>> = {
  unavailable: 'See whether the brokers run and can be reached, then retry.',
  'no-topic': 'Create the topic, or let the adapter do it (`createTopics`).',
  'too-large': 'Raise `max.message.bytes` of the topic, or publish smaller events.',
  invalid: 'Look at the settings of the topic and of the adapter.',
  denied: 'Look at `sasl`, `ssl` and the access rules of the cluster.',
  lost: 'Retry.',
};

/** A failure of the seam as an error of the port. Errors that are Milonga's already stay as they are. */
export function portError(code: ErrorCode, error: unknown): MilongaError {
  if (MilongaError.isInstance(error)) return error;
  const kind = error instanceof KafkaFailure ? error.kind : 'unavailable';
  const isRetryable = kind === 'unavailable' || kind === 'lost';
  return new MilongaError(code, `${messageOf(error)} ${ADVICE[kind]}`, { cause: error, isRetryable });
}
