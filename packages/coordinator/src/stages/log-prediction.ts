import { Collector, prediction } from '@milonga/core';
import { collectAll } from '../effects/system-events.ts';
import type { SideEffect } from '../stage/side-effect.ts';

/** What {@link logPrediction} takes. */
export interface LogPredictionOptions {
  /** Name of the stage. Default: `log-prediction`. */
  readonly name?: string;
  /** The score column to log. Default: the one that was added last. */
  readonly score?: string;
}

/**
 * Writes every answered slate as a `prediction` event, which lands in the lake like any other. Scores are logged of the
 * items that have one: they come first, what a fallback source added comes last.
 *
 * @example
 * ```ts
 * .sideEffects(logPrediction())
 * ```
 */
export const logPrediction = ({
  name = 'log-prediction',
  score,
}: LogPredictionOptions = {}): SideEffect<unknown, unknown> => ({
  name,
  needs: [Collector],
  run: async (
    { requestId, pipeline, unit, answeredAt, ids, scores, degraded, versions, experiments, candidates },
    { ports },
  ) => {
    const variants = Object.entries(experiments).map(([experiment, variant]) => `${experiment}=${variant}`);
    await collectAll(ports, [
      {
        type: prediction.name,
        id: requestId,
        eventAt: answeredAt,
        payload: {
          unit,
          requestId,
          pipeline,
          versions,
          degraded,
          candidates,
          items: ids,
          scores: finitePrefix(scores[score ?? Object.keys(scores).at(-1) ?? ''] ?? new Float64Array(0)),
          variant: variants.length === 0 ? null : variants.join(','),
        },
      },
    ]);
  },
});

function finitePrefix(scores: Float64Array): readonly number[] {
  const end = scores.findIndex((score) => !Number.isFinite(score));
  return Array.from(end < 0 ? scores : scores.subarray(0, end));
}
