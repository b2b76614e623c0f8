import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { METRICS, measure, resetInstruments, SPANS, silentLogger, tracer } from '@milonga/core';
import { context, metrics, trace } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createServer as createHttpServer } from '../http/create-server.ts';
import { get } from '../http/serving.fixture.ts';
import { registerTelemetry, type Telemetry } from './register-telemetry.ts';

/** A collector as the OpenTelemetry one listens: OTLP over HTTP, as JSON. */
class Collector {
  readonly received: { readonly path: string; readonly body: Record<string, never> }[] = [];
  readonly #server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      this.received.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(parts).toString()) });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  url = '';

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  textOf(path: string): string {
    return JSON.stringify(this.received.filter((one) => one.path === path).map(({ body }) => body));
  }
  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

let collector: Collector;
let telemetry: Telemetry | undefined;
beforeEach(async () => {
  collector = new Collector();
  await collector.listen();
});
afterEach(async () => {
  await telemetry?.close();
  telemetry = undefined;
  collector.close();
});

describe('OTLP', () => {
  test('brings metrics and spans to a collector, with the name of the service', async () => {
    telemetry = registerTelemetry({ serviceName: 'shop', otlpEndpoint: `${collector.url}/`, exportEveryMs: 50 });
    measure(METRICS.swaps, 3, { model: 'ranker', outcome: 'adopted' });
    tracer().startActiveSpan(SPANS.swap, (outer) => {
      tracer().startSpan(SPANS.train).end();
      outer.end();
    });
    await expect.poll(() => collector.textOf('/v1/metrics'), { timeout: 5_000 }).toContain('milonga.swap');
    expect(collector.textOf('/v1/metrics')).toContain('"stringValue":"shop"');
    await telemetry.close(); // sends the spans that wait
    expect(collector.textOf('/v1/traces')).toContain(SPANS.swap);
    const spans = spansOf(collector);
    expect(spans.map(({ name }) => name).sort()).toEqual([SPANS.swap, SPANS.train].sort());
    const outer = spans.find(({ name }) => name === SPANS.swap)!;
    expect(spans.find(({ name }) => name === SPANS.train)).toMatchObject({
      parentSpanId: outer.spanId,
      traceId: outer.traceId,
    });
  });

  test('a request continues the trace of its caller, and what it does is part of it', async () => {
    telemetry = registerTelemetry({ serviceName: 'shop', otlpEndpoint: collector.url });
    const route = get('/v1/of/:id', async () => {
      tracer().startSpan(SPANS.recommend).end();
      return 'done';
    });
    const server = await createHttpServer({ title: 't', routes: [route], notReady: () => [], log: silentLogger });
    const url = await server.listen({ host: '127.0.0.1', port: 0 });
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    await (
      await fetch(`${url}/v1/of/customer-17`, { headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } })
    ).text();
    await server.close();
    await telemetry.close();
    const spans = spansOf(collector);
    const request = spans.find(({ name }) => name === 'GET /v1/of/:id')!;
    expect(request).toMatchObject({ traceId, parentSpanId: 'b7ad6b7169203331' });
    expect(spans.find(({ name }) => name === SPANS.recommend)).toMatchObject({ traceId, parentSpanId: request.spanId });
    expect(collector.textOf('/v1/traces')).not.toContain('customer-17');
  });

  test('a collector that does not answer does not hold up the end', async () => {
    const deaf = createServer(() => {});
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
    const otlpEndpoint = `http://127.0.0.1:${(deaf.address() as AddressInfo).port}`;
    const closing = registerTelemetry({ serviceName: 'shop', otlpEndpoint });
    tracer().startSpan(SPANS.swap).end();
    const startedMs = performance.now();
    await closing.close();
    expect(performance.now() - startedMs).toBeLessThan(4_000);
    deaf.closeAllConnections();
    deaf.close();
  });

  test.each(['localhost:4318', 'ftp://a', 'nonsense'])(
    'the endpoint %j is a mistake in the configuration',
    (otlpEndpoint) => {
      expect(() => registerTelemetry({ serviceName: 'shop', otlpEndpoint })).toThrow(/http or https URL/);
    },
  );
});

function spansOf({ received }: Collector): { name: string; traceId: string; spanId: string; parentSpanId?: string }[] {
  type Traces = { resourceSpans: { scopeSpans: { spans: ReturnType<typeof spansOf> }[] }[] };
  return received
    .filter(({ path }) => path === '/v1/traces')
    .flatMap(({ body }) => (body as unknown as Traces).resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap(({ spans }) => spans);
}

describe('one SDK a process', () => {
  test('closing gives the place back for the next', async () => {
    for (const round of [1, 2]) {
      telemetry = registerTelemetry({ serviceName: `shop ${round}`, otlpEndpoint: collector.url });
      expect(trace.getTracerProvider()).toBeDefined();
      measure(METRICS.swaps, round, { model: 'm', outcome: 'adopted' });
      await telemetry.close();
      expect(collector.textOf('/v1/metrics')).toContain(`shop ${round}`);
      expect(context.active()).toBe((await import('@opentelemetry/api')).ROOT_CONTEXT);
    }
  });

  test('that of the program stays where it is', async () => {
    const own = new MeterProvider();
    metrics.setGlobalMeterProvider(own);
    try {
      telemetry = registerTelemetry({ serviceName: 'shop' });
      await telemetry.close();
      expect(metrics.getMeterProvider()).toBe(own);
    } finally {
      metrics.disable();
      resetInstruments();
    }
  });
});
