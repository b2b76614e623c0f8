import {
  type EventDefinition,
  type EventSource,
  lakeTableOf,
  messageOf,
  quarantined,
  type RunningRole,
} from '@milonga/core';
import { GroupProgress } from '../streams/group-progress.ts';
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
): Promise<Required<Pick<RunningRole, 'settle' | 'stop'>>> {
  const { source, sink, lake, log, signal } = ports;
  const group = `lake.${event.name}`;
  await sink.ensureTopics([{ name: event.name }, { name: quarantined.name }]);
  await lake.ensureTables([lakeTableOf(event)]);
  const landing = new LakeSink(event, ports, options);
  const progress = new GroupProgress(source, event.name, group);
  const subscription = await source.subscribe(
    event.name,
    { group, maxBatchEvents: MOST_BATCH_EVENTS, ...(signal && { signal }) },
    async (batch) => {
      await landing.append(batch);
      progress.handled(batch);
    },
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
    settle: () => landing.hurry(() => progress.settle()),
    stop: async () => {
      clearInterval(timer);
      progress.stop();
      await landing.hurry(() => subscription.close());
      await compacting;
    },
  };
}
