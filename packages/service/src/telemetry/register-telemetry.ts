import type { IncomingMessage, ServerResponse } from 'node:http';
import { MilongaError, resetInstruments } from '@milonga/core';
import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, type MetricReader, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

/** Metrics and traces of a process. */
export interface Telemetry {
  /** Answers a scrape in Prometheus' text format. */
  readonly serveMetrics: (request: IncomingMessage, response: ServerResponse) => void;
  /** Sends what is left, for a few seconds at most, and unregisters. */
  close(): Promise<void>;
}

/** How a process reports. */
export interface TelemetryOptions {
  readonly serviceName: string;
  /** OTLP over HTTP, such as `http://localhost:4318`. Default: OTEL_EXPORTER_OTLP_ENDPOINT; without either nothing is sent. */
  readonly otlpEndpoint?: string;
  /** How often metrics are sent over OTLP. Default: 15,000 ms. */
  readonly exportEveryMs?: number;
}

/** A collector that does not answer must not hold up the end of a process. */
const CLOSE_WITHIN_MS = 3_000;

/**
 * Registers the OpenTelemetry SDK: metrics for `/metrics` always; metrics and traces over OTLP when an endpoint is given.
 * Libraries use the API only, so this is the one place that costs anything.
 *
 * There is one SDK in a process. Where the program has registered its own, that one keeps what it has: Milonga's metrics
 * and spans go there, and `/metrics` stays empty.
 *
 * @throws MilongaError `MILONGA_CONFIG_INVALID` when the endpoint is no http(s) URL.
 * @example
 * ```ts
 * const telemetry = registerTelemetry({ serviceName: 'shop', otlpEndpoint: 'http://localhost:4318' });
 * await telemetry.close();
 * ```
 */
export function registerTelemetry({
  serviceName,
  otlpEndpoint = process.env.OTEL_EXPORTER_OTLP_ENDPOINT,
  exportEveryMs = 15_000,
}: TelemetryOptions): Telemetry {
  const resource = resourceFromAttributes({ 'service.name': serviceName });
  const base = otlpEndpoint === undefined || otlpEndpoint === '' ? undefined : checkEndpoint(otlpEndpoint);
  const prometheus = new PrometheusExporter({ preventServerStart: true });
  const readers: MetricReader[] = [prometheus];
  if (base !== undefined)
    readers.push(
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter({ url: `${base}/v1/metrics` }),
        exportIntervalMillis: exportEveryMs,
        exportTimeoutMillis: Math.min(exportEveryMs, 10_000),
      }),
    );
  const meters = new MeterProvider({ resource, readers });
  const ownsMetrics = metrics.setGlobalMeterProvider(meters);
  const traces = base === undefined ? undefined : registerTraces(resource, `${base}/v1/traces`);
  resetInstruments();
  return {
    serveMetrics: (request, response) => prometheus.getMetricsRequestHandler(request, response),
    async close() {
      await withinTime(Promise.allSettled([meters.shutdown(), traces?.shutdown()]));
      traces?.unregister();
      if (ownsMetrics) metrics.disable();
      resetInstruments();
    },
  };
}

function registerTraces(resource: Resource, url: string): { shutdown(): Promise<void>; unregister(): void } {
  const provider = new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }) })],
  });
  const ownsContext = context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const ownsPropagation = propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const ownsTraces = trace.setGlobalTracerProvider(provider);
  return {
    shutdown: () => provider.shutdown(),
    unregister: () => {
      if (ownsTraces) trace.disable();
      if (ownsPropagation) propagation.disable();
      if (ownsContext) context.disable();
    },
  };
}

function checkEndpoint(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return endpoint.replace(/\/+$/, '');
  throw new MilongaError(
    'MILONGA_CONFIG_INVALID',
    `OTLP goes to an http or https URL, such as http://localhost:4318; found "${endpoint}". It comes from \`otlpEndpoint\` or OTEL_EXPORTER_OTLP_ENDPOINT.`,
  );
}

async function withinTime(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_WITHIN_MS);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
