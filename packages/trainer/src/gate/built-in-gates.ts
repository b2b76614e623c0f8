import { type Duration, type GateVerdict, MilongaError } from '@milonga/core';
import type { Gate, GateInput } from './gate.ts';

const verdict = (gate: string, passed: boolean, reason: string): GateVerdict => ({ gate, passed, reason });

const finite = (what: string, value: number): number => {
  if (Number.isFinite(value)) return value;
  throw new MilongaError('MILONGA_DEFINITION_INVALID', `Gate ${what} must be a finite number; found ${value}.`);
};

/** A metric that was not measured, or is not a number, can pass no gate: the reason lists those that were. */
function metricOf(gate: string, metric: string, { metrics }: GateInput): number | GateVerdict {
  const value = metrics[metric];
  if (value !== undefined && Number.isFinite(value)) return value;
  if (metrics.judged === 0)
    return verdict(gate, false, `Metric "${metric}" was not measured: the holdout has nobody to judge by.`);
  const known = Object.keys(metrics).join(', ') || 'none';
  return verdict(
    gate,
    false,
    `Metric "${metric}" was ${value === undefined ? 'not measured' : value}; measured: ${known}.`,
  );
}

/**
 * An absolute limit below which a version is not worth serving, whatever is live.
 *
 * @example `floor({ metric: 'recall@20', atLeast: 0.05 })`
 */
export function floor({ metric, atLeast }: { readonly metric: string; readonly atLeast: number }): Gate {
  finite(`floor("${metric}").atLeast`, atLeast);
  return {
    name: 'floor',
    check: (input) => {
      const value = metricOf('floor', metric, input);
      if (typeof value !== 'number') return value;
      return verdict('floor', value >= atLeast, `${metric} is ${value.toPrecision(4)}; at least ${atLeast} is wanted.`);
    },
  };
}

/** What {@link regression} compares. */
export interface RegressionOptions {
  readonly metric: string;
  /** Share of the live version's value that may be lost: 0.05 lets a version pass that is up to 5 % worse. Default: 0. */
  readonly tolerance?: number;
  /** Which direction is better. Default: `higher`; for losses `lower`. */
  readonly better?: 'higher' | 'lower';
}

/**
 * Not worse than what is live, both measured on the same holdout. Passes when nothing is live, and when the live version
 * cannot be compared: it was trained for other inputs, or has seen part of the holdout.
 *
 * @example `regression({ metric: 'ndcg@20', tolerance: 0.05 })`
 */
export function regression({ metric, tolerance = 0, better = 'higher' }: RegressionOptions): Gate {
  finite(`regression("${metric}").tolerance`, tolerance);
  return {
    name: 'regression',
    check: (input) => {
      const value = metricOf('regression', metric, input);
      if (typeof value !== 'number') return value;
      const before = input.live?.metrics[metric];
      if (input.live === undefined || before === undefined || !Number.isFinite(before))
        return verdict(
          'regression',
          true,
          `${metric} is ${value.toPrecision(4)}; nothing to compare with: ${input.whyNoLive ?? `the live version has no ${metric}.`}`,
        );
      const slack = tolerance * Math.abs(before);
      const passed = better === 'higher' ? value >= before - slack : value <= before + slack;
      return verdict(
        'regression',
        passed,
        `${metric} is ${value.toPrecision(4)}; live version ${input.live.version} has ${before.toPrecision(4)} on the same holdout (tolerance ${tolerance}).`,
      );
    },
  };
}

/**
 * A limit on the whole time of a run, from reading the training set to the files: a run that suddenly takes ten times as
 * long is a sign of something else.
 *
 * @example `duration(minutes(5))`
 */
export const duration = (atMost: Duration): Gate => ({
  name: 'duration',
  check: ({ trainMs }) =>
    verdict(
      'duration',
      trainMs <= atMost.ms,
      `Training took ${Math.round(trainMs)} ms; at most ${atMost.ms} ms are allowed.`,
    ),
});

/**
 * A limit on the bytes of all files, which is about what a server needs in memory.
 *
 * @example `size(200 * 1_024 ** 2)`
 */
export function size(atMostBytes: number): Gate {
  finite('size', atMostBytes);
  return {
    name: 'size',
    check: ({ bytes }) =>
      verdict('size', bytes <= atMostBytes, `The files have ${bytes} bytes; at most ${atMostBytes} are allowed.`),
  };
}
