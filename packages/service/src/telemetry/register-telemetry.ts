import type { IncomingMessage, ServerResponse } from 'node:http';
import { resetInstruments } from '@milonga/core';
import { context, metrics, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, type MetricReader, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

/** Metrics and traces of a process. */
export interface Telemetry {
  /** Answers a scrape in Prometheus' text format. */
  readonly serveMetrics: (request: IncomingMessage, response: ServerResponse) => void;
  /** Sends what is left and unregisters. */
  close(): Promise<void>;
}

/** How a process reports. */
export interface TelemetryOptions {
  readonly serviceName: string;
  /** OTLP over HTTP, such as `http://localhost:4318`. Default: OTEL_EXPORTER_OTLP_ENDPOINT; without either nothing is sent. */
  readonly otlpEndpoint?: string;
}

/**
 * Registers the OpenTelemetry SDK: metrics for `/metrics` always; metrics and traces over OTLP when an endpoint is given.
 * Libraries use the API only, so this is the one place that costs anything.
 */
export function registerTelemetry({
  serviceName,
  otlpEndpoint = process.env.OTEL_EXPORTER_OTLP_ENDPOINT,
}: TelemetryOptions): Telemetry {
  const resource = resourceFromAttributes({ 'service.name': serviceName });
  const prometheus = new PrometheusExporter({ preventServerStart: true });
  const readers: MetricReader[] = [prometheus];
  const base = otlpEndpoint?.replace(/\/$/, '');
  if (base !== undefined)
    readers.push(
      new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter({ url: `${base}/v1/metrics` }) }),
    );
  const meters = new MeterProvider({ resource, readers });
  metrics.setGlobalMeterProvider(meters);
  const traces = base === undefined ? undefined : registerTraces(resource, `${base}/v1/traces`);
  resetInstruments();
  return {
    serveMetrics: (request, response) => prometheus.getMetricsRequestHandler(request, response),
    async close() {
      await Promise.allSettled([meters.shutdown(), traces?.shutdown()]);
      metrics.disable();
      trace.disable();
      context.disable();
      resetInstruments();
    },
  };
}

function registerTraces(resource: ReturnType<typeof resourceFromAttributes>, url: string): TracerProvider {
  const provider = new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }) })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  return provider;
}
