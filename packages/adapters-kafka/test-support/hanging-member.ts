/** A member of a group that takes its first batch, says what it got, and never ends: to be killed. */
import { openKafkaSource } from '../src/kafka-adapter.ts';

const [broker, topic, group] = process.argv.slice(2) as [string, string, string];
const source = openKafkaSource({ brokers: [broker], sessionTimeoutMs: 2_000 });
await source.subscribe(topic, { group, maxBatchEvents: 10 }, async ({ events }) => {
  console.log(JSON.stringify(events.map(({ id }) => id)));
  await new Promise(() => {});
});
