import { type EventDefinition, type EventSource, lakeTableOf, messageOf, quarantined } from '@milonga/core';
import { type RunningConsumer, runConsumer } from '../streams/run-consumer.ts';
import { LakeSink, type LakeSinkOptions, type LakeSinkPorts } from './lake-sink.ts';

/** What {@link runLakeSink} needs. */
export interface RunLakeSinkPorts extends LakeSinkPorts {
  readonly source: EventSource;
  readonly signal?: AbortSignal;
}

/** How {@link runLakeSink} works. */
export interface RunLakeSinkOptions extends LakeSinkOptions {
  /** How often small files are merged, in real time. Default: 10 minutes. */
  readonly compactEveryMs?: number;
}

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
  const { sink, lake, log } = ports;
  await sink.ensureTopics([{ name: event.name }, { name: quarantined.name }]);
  await lake.ensureTables([lakeTableOf(event)]);
  const landing = new LakeSink(event, ports, options);
  const consumer = await runConsumer(
    ports,
    { topic: event.name, group: `lake.${event.name}`, maxBatchEvents: MOST_BATCH_EVENTS },
    (batch) => landing.append(batch),
  );
  let compacting: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    compacting = compacting
      .then(() => lake.compact(lakeTableOf(event).name))
      .catch((error: unknown) =>
        log.warn('The lake could not be compacted; it is tried again', { event: event.name, error: messageOf(error) }),
      );
  }, options.compactEveryMs ?? 600_000);
  timer.unref();
  return {
    notReady: consumer.notReady,
    settle: () => landing.hurry(() => consumer.settle()),
    stop: async () => {
      clearInterval(timer);
      await landing.hurry(() => consumer.stop());
      await compacting;
    },
  };
}
