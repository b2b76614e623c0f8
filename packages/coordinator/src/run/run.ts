import { METRICS, MilongaError, measure, type Ports } from '@milonga/core';
import type { Experiment } from '../experiment/experiment.ts';
import type { Query } from '../plan/any-stage.ts';
import type { PlannedStage, VariantChoice } from '../plan/planned-stage.ts';
import type { Binding } from './binding.ts';
import type { RequestSpan } from './request-span.ts';
import { stageFailed } from './stage-failure.ts';

/** What a run is started with. */
export interface RunStart {
  readonly pipeline: string;
  readonly query: Query;
  readonly requestId: string;
  /** Unix ms. */
  readonly now: number;
  /** On `Clock.monotonicMs`. */
  readonly startedMs: number;
  readonly budgetMs: number;
  readonly reserveMs: number;
  readonly unit: string;
  readonly signal: AbortSignal | undefined;
  readonly span: RequestSpan | undefined;
  /** True for training sets: no experiment is met, and nothing that fails is skipped. */
  readonly isPast: boolean;
}

/** One request at work: what its stages have found out besides the candidates. */
export class Run implements VariantChoice {
  readonly start: RunStart;
  readonly binding: Binding;
  query: Query;
  /** When the stages of the current path must be over, on the monotonic clock. */
  endMs: number;
  readonly degraded: Set<string> = new Set();
  readonly versions: Set<string> = new Set();
  /** Variant by experiment, once met. */
  readonly met: Map<string, string> = new Map();
  /** Stages that failed in this run: a second path does not wait for them again. */
  readonly failures: Map<PlannedStage, unknown> = new Map();
  readonly #variants: Map<string, string | undefined> = new Map();

  constructor(start: RunStart, binding: Binding) {
    this.start = start;
    this.binding = binding;
    this.query = start.query;
    this.endMs = start.startedMs + start.budgetMs - start.reserveMs;
  }

  /** Lets the fallback path have what was kept for it. */
  openReserve(): void {
    this.endMs = this.start.startedMs + this.start.budgetMs;
  }

  portsOf(planned: PlannedStage): Ports {
    return this.binding.ports[planned.number]!;
  }

  /**
   * Goes on without a stage, and says so. In the past nothing is skipped but models that did not exist then: a training set
   * with silent gaps would be worse than none.
   */
  skip(stage: string, error: unknown): void {
    const { pipeline, isPast } = this.start;
    if (isPast && !(MilongaError.isInstance(error) && error.code === 'MILONGA_MODEL_NOT_LOADED'))
      throw stageFailed(pipeline, stage, error);
    if (this.degraded.has(stage)) return;
    this.degraded.add(stage);
    measure(METRICS.requestsDegraded, 1, { pipeline, stage });
    this.binding.failures.add(
      'A stage failed; the request went on without it',
      stage,
      error,
      this.binding.clock.monotonicMs(),
    );
  }

  /** @throws MilongaError `MILONGA_ABORTED`. */
  throwIfOver(): void {
    const { signal, pipeline } = this.start;
    if (signal?.aborted)
      throw new MilongaError('MILONGA_ABORTED', `A request to pipeline "${pipeline}" was cancelled.`, {
        cause: signal.reason,
      });
  }

  /** Assigns without meeting. */
  assign(experiment: Experiment): string | undefined {
    if (this.start.isPast) return undefined;
    const { name } = experiment;
    if (this.#variants.has(name)) return this.#variants.get(name);
    const unit = experiment.unit === undefined ? this.start.unit : String(this.start.query[experiment.unit] ?? '');
    const variant = unit === '' ? undefined : this.binding.assigner?.assign(experiment, unit).variant;
    this.#variants.set(name, variant);
    return variant;
  }

  variantOf(experiment: Experiment): string | undefined {
    const variant = this.assign(experiment);
    if (variant !== undefined) this.met.set(experiment.name, variant);
    return variant;
  }
}
