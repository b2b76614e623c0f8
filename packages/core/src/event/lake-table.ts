import type { LakeTable } from '../ports/lake.ts';
import { float64, int32, string, timestamp } from '../schema/index.ts';
import type { EventDefinition } from './event.ts';

/**
 * The table of the lake that holds the events of a type: its fields, and what every event has. `ingestedAt` is when the
 * event was known; `partition` and `offset` say where it stood in the log.
 */
export const lakeTableOf = (event: EventDefinition): LakeTable => ({
  name: event.name.replaceAll('-', '_'),
  fields: {
    id: string(),
    eventAt: timestamp(),
    ingestedAt: timestamp(),
    partition: int32(),
    offset: float64(),
    ...event.fields,
  },
  partitionBy: 'eventAt',
});
