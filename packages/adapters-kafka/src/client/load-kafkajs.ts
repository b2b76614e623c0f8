import { sdkLoader } from '@milonga/core/app';
import type * as KafkaJs from 'kafkajs';

/** Loads kafkajs when it is needed first, and says what to install where it is not there. */
export const loadKafkaJs: () => Promise<typeof KafkaJs> = sdkLoader({
  adapter: 'Kafka',
  package: 'kafkajs',
  major: 2,
  load: async () => {
    const module = await import('kafkajs');
    return 'default' in module ? (module.default as typeof KafkaJs) : module;
  },
});
