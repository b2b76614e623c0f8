import { type Port, port } from './port.ts';

/** An experiment as its assigner knows it. Shares are relative weights. */
export interface ExperimentShape {
  readonly name: string;
  /** Experiments of one layer exclude each other; layers are independent. */
  readonly layer: string;
  /** Share of units that take part, 0 to 1. */
  readonly traffic: number;
  /** Where in the layer that share begins, 0 to 1. Default: after the experiments of the layer that are listed before it. */
  readonly startsAt?: number | undefined;
  readonly variants: readonly { readonly name: string; readonly weight: number }[];
}

/** The arm that a unit is in. */
export interface Assignment {
  readonly experiment: string;
  /** `undefined`: the unit takes no part. */
  readonly variant: string | undefined;
}

/**
 * Puts units into variants. Deterministic: the same unit, experiment and definition give the same variant in every
 * process and on every day; no call to anything. Compatible with OpenFeature: a provider can be an adapter.
 */
export interface ExperimentAssigner {
  assign(experiment: ExperimentShape, unit: string): Assignment;
}
export const ExperimentAssigner: Port<ExperimentAssigner> = port<ExperimentAssigner>('experiment-assigner/1');
