import { float64, string } from '@milonga/core';
import { type Context, ROOT_CONTEXT, type Span, type SpanOptions, trace } from '@opentelemetry/api';
import { afterEach, expect, it } from 'vitest';
import { pipeline } from '../pipeline/define-pipeline.ts';
import { topK } from '../stages/top-k.ts';
import { noPorts } from './binding.ts';

afterEach(() => trace.disable());

it('traces a request and its stages beneath it, where somebody records', async () => {
  const spans: { name: string; attributes: unknown; parent: unknown; status: unknown; isEnded: boolean }[] = [];
  const startSpan = (name: string, options: SpanOptions = {}, parent: Context = ROOT_CONTEXT): Span => {
    const own = {
      name,
      attributes: options.attributes,
      parent: trace.getSpan(parent),
      status: undefined as unknown,
      isEnded: false,
    };
    spans.push(own);
    return {
      isRecording: () => true,
      setStatus: (status: { code: number; message?: string }) => {
        own.status = status.message;
      },
      end: () => {
        own.isEnded = true;
      },
    } as unknown as Span;
  };
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan, startActiveSpan: () => undefined }) as never });
  const columns = { id: string(), x: float64() };
  const bound = pipeline('test', { input: { userId: string() } })
    .sources(
      { name: 'rows', columns, fetch: async () => [{ id: 'a', x: 1 }] },
      {
        name: 'now',
        columns,
        fetch: () => {
          throw new Error('down');
        },
      },
      { name: 'later', columns, fetch: () => Promise.reject(new Error('also down')) },
    )
    .select(topK(3, 'x'))
    .bind(noPorts);
  await bound.run({ userId: 'u' });
  expect(spans.map(({ name, attributes, status, isEnded }) => [name, attributes, status, isEnded])).toEqual([
    ['milonga.recommend', { pipeline: 'test' }, undefined, true],
    ['milonga.stage', { stage: 'rows' }, undefined, true],
    ['milonga.stage', { stage: 'now' }, 'down', true],
    ['milonga.stage', { stage: 'later' }, 'also down', true],
  ]);
  expect(new Set(spans.slice(1).map(({ parent }) => parent)).size).toBe(1);
  expect(spans[1]?.parent).toBeDefined();
  await expect(bound.run({ userId: 5 as never })).rejects.toThrow();
});
