import type { TimeToLive } from '@milonga/core';
import type { CompiledView } from '../view/compiled-view.ts';

/**
 * How long the online row of an entity lives after a write. Views of one entity share the row, and a write sets the time of
 * the whole row: it is that of the view that needs it longest.
 */
export function timeToLiveOf(views: readonly CompiledView[]): TimeToLive {
  if (views.some((view) => view.isForAllTime)) return { forever: 'features over all time: one row an entity' };
  return { ttlMs: Math.max(...views.map((view) => view.longestWindowMs + view.longestHopMs)) };
}
