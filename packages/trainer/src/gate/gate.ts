import type { GateVerdict } from '@milonga/core';

/** What a gate decides on. */
export interface GateInput {
  readonly model: string;
  /** Measured on the holdout, such as `recall@20`. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The live version on the same holdout; `undefined` when there is none to compare with. */
  readonly live: { readonly version: string; readonly metrics: Readonly<Record<string, number>> } | undefined;
  /** Why there is none, in words: nothing is live, or what is live cannot be loaded, or has seen part of the holdout. */
  readonly whyNoLive: string | undefined;
  readonly rows: number;
  readonly trainMs: number;
  /** Size of the files. */
  readonly bytes: number;
}

/**
 * A condition that a trained version must meet before it may become a candidate for traffic. All gates are asked, so that
 * a record shows everything that was wrong, not the first thing only. One that throws has failed.
 *
 * @example
 * ```ts
 * const enoughRows: Gate = {
 *   name: 'rows',
 *   check: ({ rows }) => ({ gate: 'rows', passed: rows >= 10_000, reason: `${rows} rows; at least 10000 are wanted.` }),
 * };
 * ```
 */
export interface Gate {
  /** Stands in the manifest. */
  readonly name: string;
  check(input: GateInput): GateVerdict | Promise<GateVerdict>;
}
