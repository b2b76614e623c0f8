export { pubsub } from './pubsub-adapter.ts';
export type { PubSubAdapterOptions } from './pubsub-options.ts';
