import { deadlineExceeded, type Fields, MilongaError, type Ports } from '@milonga/core';
import type { Span } from '@opentelemetry/api';
import type { AnyStage } from '../plan/any-stage.ts';
import type { PlannedStage } from '../plan/planned-stage.ts';
import type { Awaitable, StageContext } from '../stage/stage.ts';
import { failed, isPromise, type Settled, succeeded } from './outcome.ts';
import { endSpan, inStageSpan } from './request-span.ts';
import type { Run } from './run.ts';
import { recordStage } from './stage-telemetry.ts';

/** The context of one attempt. Its signal is made when it is first asked for: most stages never do. */
class AttemptContext implements StageContext {
  readonly now: number;
  readonly requestId: string;
  readonly ports: Ports;
  readonly queryFields: Fields;
  /** Models used by this attempt; they count once it has succeeded. */
  versions: string[] | undefined;
  readonly #run: Run;
  readonly #endMs: number;
  #controller: AbortController | undefined;
  #signal: AbortSignal | undefined;
  #abandonedFor: Error | undefined;

  constructor(run: Run, ports: Ports, endMs: number) {
    this.now = run.start.now;
    this.requestId = run.start.requestId;
    this.ports = ports;
    this.queryFields = run.binding.queryFields;
    this.#run = run;
    this.#endMs = endMs;
  }

  remainingMs(): number {
    return this.#endMs - this.#run.binding.clock.monotonicMs();
  }

  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      const outer = this.#run.start.signal;
      this.#controller = new AbortController();
      if (this.#abandonedFor !== undefined) this.#controller.abort(this.#abandonedFor);
      this.#signal = outer === undefined ? this.#controller.signal : AbortSignal.any([outer, this.#controller.signal]);
    }
    return this.#signal;
  }

  usedModel(model: string, version: string): void {
    this.versions ??= [];
    this.versions.push(`${model}@${version}`);
  }

  abandon(reason: Error): void {
    this.#abandonedFor = reason;
    this.#controller?.abort(reason);
  }
}

/**
 * Runs one stage up to its deadline: min(its own limit, what remains). A late stage is told by its signal and left behind;
 * nobody awaits it, and what it returns later goes nowhere. `undefined` when the stage is not enabled.
 */
export function attempt<Kind extends AnyStage, T>(
  planned: PlannedStage<Kind>,
  run: Run,
  call: (stage: Kind, context: StageContext) => Awaitable<T>,
): Awaitable<Settled<T> | undefined> {
  const { clock, watch } = run.binding;
  const startedMs = clock.monotonicMs();
  const stage = planned.in(run);
  if (run.failures.has(planned)) return failed(run.failures.get(planned));
  const limitMs = run.start.isPast
    ? Number.POSITIVE_INFINITY
    : Math.min(stage.timeoutMs ?? Number.POSITIVE_INFINITY, run.endMs - startedMs);
  const context = new AttemptContext(run, run.portsOf(planned), startedMs + limitMs);
  let span: Span | undefined;
  const end = (settled: Settled<T>): Settled<T> => {
    endSpan(span, settled.isOk ? undefined : settled.error);
    return finish(planned, stage, run, context, startedMs, settled);
  };
  let result: Awaitable<T>;
  try {
    if (stage.enabled?.(run.query) === false) return undefined;
    if (limitMs <= 0 && planned.isAsync) return end(failed(notStarted(stage.name)));
    ({ result, span } = inStageSpan(run.start.span, stage.name, () => call(stage, context)));
  } catch (error) {
    return end(failed(error));
  }
  if (!isPromise(result)) return end(succeeded(result));
  planned.isAsync = true;
  const pending = result;
  return new Promise((resolve) => {
    const abandon = (): void => {
      const error = deadlineExceeded(`Stage "${stage.name}"`, Math.max(0, limitMs));
      context.abandon(error);
      resolve(end(failed(error)));
    };
    const entry = limitMs > 0 ? watch.add(startedMs + limitMs, abandon) : undefined;
    const settle = (settled: Settled<T>): void => {
      if (entry === undefined || entry.place < 0) return; // abandoned before
      watch.remove(entry);
      resolve(end(settled));
    };
    pending.then(
      (value) => settle(succeeded(value)),
      (error: unknown) => settle(failed(error)),
    );
    if (entry === undefined) abandon();
  });
}

const notStarted = (name: string): MilongaError =>
  new MilongaError('MILONGA_DEADLINE_EXCEEDED', `Stage "${name}" was not started: no time remained.`, {
    isRetryable: true,
  });

function finish<T>(
  planned: PlannedStage,
  stage: AnyStage,
  run: Run,
  context: AttemptContext,
  startedMs: number,
  settled: Settled<T>,
): Settled<T> {
  recordStage(run, planned.attributesOf(stage), startedMs, settled);
  if (!settled.isOk) run.failures.set(planned, settled.error);
  else if (context.versions !== undefined) for (const version of context.versions) run.versions.add(version);
  return settled;
}

/** All stages of one call at once. Synchronous when every stage was. */
export function together<Kind extends AnyStage, T>(
  stages: readonly PlannedStage<Kind>[],
  run: Run,
  call: (stage: Kind, context: StageContext, at: number) => Awaitable<T>,
): Awaitable<readonly (Settled<T> | undefined)[]> {
  const outcomes = stages.map((planned, at) => attempt(planned, run, (stage, context) => call(stage, context, at)));
  return outcomes.some(isPromise) ? Promise.all(outcomes) : (outcomes as readonly (Settled<T> | undefined)[]);
}
