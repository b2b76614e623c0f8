export { keyPartition } from './event-log/key-partition.ts';
export { EVENT_HEADER } from './event-log/record-codec.ts';
export { kafka } from './kafka-adapter.ts';
export type { KafkaOptions } from './kafka-options.ts';
