import { MilongaError } from '@milonga/core';
import type * as KafkaJs from 'kafkajs';

/** kafkajs as a module. */
export type KafkaJsModule = typeof KafkaJs;

let loaded: Promise<KafkaJsModule> | undefined;

/** Loads kafkajs when it is needed first, and says what to install where it is not there. */
export function loadKafkaJs(): Promise<KafkaJsModule> {
  loaded ??= import('kafkajs').then(
    (module) => ('default' in module ? (module.default as KafkaJsModule) : module),
    (error: unknown) => {
      loaded = undefined;
      throw new MilongaError(
        'MILONGA_WIRING_CREATE_FAILED',
        'The Kafka adapter needs the package "kafkajs", which could not be loaded. Install it: npm install kafkajs@2',
        { cause: error },
      );
    },
  );
  return loaded;
}
