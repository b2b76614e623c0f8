import type { Collector, IncomingEvent } from '@milonga/core';

/** Hands in many events, a thousand at a time. @throws Error when one is refused. */
export async function collectAll(collector: Collector, events: readonly IncomingEvent[]): Promise<void> {
  for (let start = 0; start < events.length; start += 1_000) {
    const outcomes = await collector.collect(events.slice(start, start + 1_000));
    const refused = outcomes.find(({ status }) => status !== 'accepted');
    if (refused !== undefined) throw new Error(`An event was refused: ${JSON.stringify(refused)}`);
  }
}
