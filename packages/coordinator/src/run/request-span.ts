import { METRICS, measure, messageOf, SPANS, tracer } from '@milonga/core';
import { type Context, context, type Span, SpanStatusCode, trace } from '@opentelemetry/api';

/** The span of a request and the context that its stages run in; absent when nobody records. */
export interface RequestSpan {
  readonly span: Span;
  readonly context: Context;
}

/** Measures one request from start to answer, and traces it where an SDK records. */
export async function measured<T>(
  pipeline: string,
  nowMs: () => number,
  work: (span: RequestSpan | undefined) => Promise<T>,
): Promise<T> {
  const startedMs = nowMs();
  const span = tracer().startSpan(SPANS.recommend, { attributes: { pipeline } });
  const recorded: RequestSpan | undefined = span.isRecording()
    ? { span, context: trace.setSpan(context.active(), span) }
    : undefined;
  let outcome = 'ok';
  try {
    return await work(recorded);
  } catch (error) {
    outcome = 'failed';
    span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
    throw error;
  } finally {
    span.end();
    measure(METRICS.requestDuration, nowMs() - startedMs, { pipeline, outcome });
  }
}

/** Calls a stage within a span of its own, so that what it calls is traced beneath it. */
export function inStageSpan<T>(
  parent: RequestSpan | undefined,
  stage: string,
  call: () => T,
): { readonly result: T; readonly span: Span | undefined } {
  if (parent === undefined) return { result: call(), span: undefined };
  const span = tracer().startSpan(SPANS.stage, { attributes: { stage } }, parent.context);
  try {
    return { result: context.with(trace.setSpan(parent.context, span), call), span };
  } catch (error) {
    endSpan(span, error);
    throw error;
  }
}

/** Ends a span, with the error that ended it. */
export function endSpan(span: Span | undefined, error?: unknown): void {
  if (error !== undefined) span?.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
  span?.end();
}
