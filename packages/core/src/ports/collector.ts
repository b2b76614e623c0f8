import type { IncomingEvent } from '../event/event.ts';
import { type Port, port } from './port.ts';

/** What became of one incoming event. */
export type CollectOutcome =
  | { readonly status: 'accepted'; readonly id: string }
  /** It is in the quarantine, with this reason. */
  | { readonly status: 'quarantined'; readonly id: string; readonly reason: string };

/**
 * The border for events, in process: validates, quarantines what is bad, publishes the rest. `POST /v1/events` is the
 * same thing over HTTP.
 *
 * - One outcome per event, in order. `accepted` means durable in the log; `quarantined` means durable in the quarantine.
 * - Rejects (`MILONGA_EVENT_SINK_UNAVAILABLE`, `MILONGA_STORAGE_FULL`) when the log could not take all of them: retry the
 *   whole call with the same ids; ids that were taken already do not count twice where the log deduplicates.
 */
export interface Collector {
  collect(
    events: readonly IncomingEvent[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly CollectOutcome[]>;
}
export const Collector: Port<Collector> = port<Collector>('collector/1');
