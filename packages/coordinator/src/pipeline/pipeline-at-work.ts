import { randomUUID } from 'node:crypto';
import { type Clock, MilongaError, throwIfAborted } from '@milonga/core';
import { CachedSlate } from '../cache/cached-slate.ts';
import { runCached } from '../cache/run-cached.ts';
import { abortable, SharedRuns } from '../cache/shared-runs.ts';
import { SlateCache } from '../cache/slate-cache.ts';
import type { AfterAnswer } from '../effects/after-answer.ts';
import { Admission } from '../overload/admission.ts';
import type { Query } from '../plan/any-stage.ts';
import type { Plan } from '../plan/plan.ts';
import type { Binding } from '../run/binding.ts';
import { measured, type RequestSpan } from '../run/request-span.ts';
import type { Result } from '../run/result.ts';
import { Run } from '../run/run.ts';
import { runPlan } from '../run/run-plan.ts';
import { RunSlate } from '../run/run-slate.ts';
import { runQuery } from '../run/run-steps.ts';
import type { BoundPipeline, RunOptions } from './pipeline.ts';
import type { Settings } from './settings.ts';
import type { Slate } from './slate.ts';

function checkBudget(pipeline: string, budgetMs: number | undefined): void {
  if (budgetMs === undefined || budgetMs > 0) return;
  throw new MilongaError(
    'MILONGA_REQUEST_INVALID',
    `A request to pipeline "${pipeline}" needs a budget above 0 ms; found ${budgetMs}.`,
  );
}

/** A run and what it came to. */
interface Finished {
  readonly run: Run;
  readonly result: Result;
}

/** A pipeline with its ports: what requests share, and the way of one request through it. */
export class PipelineAtWork implements BoundPipeline<object, object> {
  readonly name: string;
  readonly #plan: Plan;
  readonly #settings: Settings;
  readonly #binding: Binding;
  readonly #clock: Clock;
  readonly #admission: Admission;
  readonly #after: AfterAnswer;
  readonly #shared: SharedRuns<Finished> = new SharedRuns();
  readonly #cache: SlateCache | undefined;

  constructor(plan: Plan, settings: Settings, binding: Binding, after: AfterAnswer) {
    this.name = plan.pipeline;
    this.#plan = plan;
    this.#settings = settings;
    this.#binding = binding;
    this.#clock = binding.clock;
    this.#after = after;
    const { maxInFlight, maxWaiting, cache } = settings;
    this.#admission = new Admission({ pipeline: this.name, maxInFlight, maxWaiting }, binding.clock, binding.watch);
    this.#cache = cache === undefined ? undefined : new SlateCache(this.name, cache, binding.clock);
  }

  async run(input: object, options: RunOptions = {}): Promise<Slate<object>> {
    const query = this.#settings.input.check(input);
    checkBudget(this.name, options.budgetMs);
    throwIfAborted(options.signal, `A request to pipeline "${this.name}"`);
    const requestId = options.requestId ?? randomUUID();
    const nowMs = (): number => this.#clock.monotonicMs();
    const { run, result } = await measured(this.name, nowMs, (span) => this.#answer(query, requestId, options, span));
    const slate = new RunSlate(requestId, this.#plan, run, result);
    this.#after.add(slate, run, result);
    return slate;
  }

  async drain(): Promise<void> {
    await this.#after.drain();
    this.#binding.watch.close();
  }

  #answer(
    query: Query,
    requestId: string,
    { budgetMs, signal }: RunOptions,
    span: RequestSpan | undefined,
  ): Promise<Finished> {
    const start = (shared: AbortSignal | undefined): Run => this.#newRun(query, requestId, budgetMs, shared, span);
    const { cache } = this.#settings;
    if (cache === undefined)
      return abortable(
        this.#admitted(start(signal), (run) => this.#rank(run)),
        signal,
      );
    const run = start(signal);
    const variants = this.#plan.experiments.map((experiment) => run.assign(experiment) ?? null);
    const key = JSON.stringify([cache.key?.(query) ?? query, variants]);
    return this.#shared.join(`${budgetMs ?? ''} ${key}`, signal, (shared) =>
      this.#admitted(start(shared), (first) => this.#rankOrReuse(first, key)),
    );
  }

  #newRun(
    query: Query,
    requestId: string,
    budgetMs: number = this.#settings.budgetMs,
    signal: AbortSignal | undefined,
    span: RequestSpan | undefined,
  ): Run {
    const reserveMs = this.#settings.reserveMs ?? (this.#plan.fallback === undefined ? 0 : budgetMs / 4);
    return new Run(
      {
        pipeline: this.name,
        query,
        requestId,
        now: this.#clock.now(),
        startedMs: this.#clock.monotonicMs(),
        budgetMs,
        reserveMs: Math.min(reserveMs, budgetMs / 2),
        unit: String(query[this.#settings.unit]),
        signal,
        span,
        isPast: false,
      },
      this.#binding,
    );
  }

  /** Runs as one of a bounded number. */
  async #admitted(run: Run, work: (run: Run) => Promise<Result>): Promise<Finished> {
    const { startedMs, budgetMs, signal } = run.start;
    const turn = this.#admission.enter(startedMs + budgetMs, signal);
    if (turn !== undefined) await turn;
    const enteredMs = this.#clock.monotonicMs();
    try {
      return { run, result: await work(run) };
    } finally {
      this.#admission.leave(this.#clock.monotonicMs() - enteredMs);
    }
  }

  async #rank(run: Run): Promise<Result> {
    if (this.#plan.query.length > 0) await runQuery(this.#plan, run);
    return runPlan(this.#plan, run);
  }

  async #rankOrReuse(run: Run, key: string): Promise<Result> {
    if (this.#plan.query.length > 0) await runQuery(this.#plan, run);
    const cached = this.#cache!.get(key);
    const reused = cached === undefined ? undefined : await runCached(this.#plan, run, cached);
    if (reused !== undefined) return reused;
    const result = await runPlan(this.#plan, run);
    if (result.origin === 'ranked' && run.degraded.size === 0 && result.parts[0]!.rows.length > 0) {
      this.#cache!.set(key, new CachedSlate(this.#plan, run, result));
    }
    return result;
  }
}
