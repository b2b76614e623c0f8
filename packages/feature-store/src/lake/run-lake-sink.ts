import { type EventDefinition, type EventSource, lakeTableOf, quarantined } from '@milonga/core';
import { type RunningConsumer, runConsumer } from '../streams/run-consumer.ts';
import { Compaction, type CompactionOptions } from './compaction.ts';
import { LakeSink, type LakeSinkOptions, type LakeSinkPorts } from './lake-sink.ts';

/** What {@link runLakeSink} needs. */
export interface RunLakeSinkPorts extends LakeSinkPorts {
  readonly source: EventSource;
  readonly signal?: AbortSignal;
}

/** How {@link runLakeSink} works. */
export interface RunLakeSinkOptions extends Omit<LakeSinkOptions, 'onAppended'>, CompactionOptions {}

const MOST_BATCH_EVENTS = 20_000;

/**
 * Lands the events of a type in the lake: the role `lake` of one event, as a function over ports. Each event once, whatever is
 * delivered again; what cannot be decoded goes to the quarantine with its position.
 *
 * @example
 * ```ts
 * const sink = await runLakeSink(gift, { source, sink, lake, log });
 * await sink.settle(); // everything published before is in the lake
 * ```
 */
export async function runLakeSink(
  event: EventDefinition,
  ports: RunLakeSinkPorts,
  options: RunLakeSinkOptions = {},
): Promise<RunningConsumer> {
  const { sink, lake } = ports;
  await sink.ensureTopics([{ name: event.name }, { name: quarantined.name }]);
  await lake.ensureTables([lakeTableOf(event)]);
  const compaction = new Compaction(event, ports, options);
  const landing = new LakeSink(event, ports, { ...options, onAppended: () => compaction.appended() });
  const consumer = await runConsumer(
    ports,
    { topic: event.name, group: `lake.${event.name}`, maxBatchEvents: MOST_BATCH_EVENTS },
    (batch) => landing.append(batch),
  );
  return {
    notReady: consumer.notReady,
    settle: () => landing.hurry(() => consumer.settle()),
    stop: async () => {
      await landing.hurry(() => consumer.stop());
      await compaction.stop();
    },
  };
}
