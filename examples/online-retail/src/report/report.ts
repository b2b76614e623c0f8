import type { GateVerdict } from '@milonga/core';
import type { SlateQuality } from '../quality/metrics.ts';
import type { FireReport } from '../target/fire.ts';

/** Milliseconds at two percentiles; null when nothing was measured. */
export interface Latency {
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** What became of requests. */
export interface RequestFigures extends Latency {
  readonly count: number;
  readonly failed: number;
  readonly degraded: number;
}

/** One trained version. */
export interface ModelFigures {
  readonly name: string;
  readonly version: string;
  readonly algorithm: string;
  readonly rows: number;
  readonly trainMs: number;
  readonly bytes: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly gates: readonly GateVerdict[];
  /** What the predictor's gate said: `passed`, or why it stayed out. */
  readonly baselineCheck: string;
  /** Event time, ISO 8601; null when it never went live. */
  readonly swappedAt: string | null;
}

/** Everything the demo measured; what `--report` writes. */
export interface Report {
  readonly source: string;
  readonly events: {
    readonly read: number;
    readonly accepted: number;
    readonly quarantined: number;
    readonly quarantineReasons: Readonly<Record<string, number>>;
    readonly perSecond: number;
    /** From publish to readable feature. */
    readonly freshnessMs: { readonly p50: number | null; readonly p99: number | null; readonly samples: number };
  };
  readonly models: readonly ModelFigures[];
  readonly requests: RequestFigures & {
    readonly duringSwaps: RequestFigures;
    /** The first failures, in words. */
    readonly failures: readonly string[];
  };
  readonly quality: {
    readonly requests: number;
    readonly milonga: SlateQuality;
    readonly popular: SlateQuality;
    readonly frequent: SlateQuality;
    /** Only on the simulated shop, where the best possible slate is known. */
    readonly attainable?: SlateQuality;
  };
  /** Where the time of the replay went; events include waiting for features before an evaluated request. */
  readonly phasesMs: { readonly events: number; readonly training: number; readonly requests: number };
  /** Kills, where processes were killed. */
  readonly fire?: FireReport;
  readonly memory: { readonly peakRssBytes: number };
  readonly wallMs: number;
}
