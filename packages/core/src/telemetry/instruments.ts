import {
  type Attributes,
  type Counter,
  type Gauge,
  type Histogram,
  metrics,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { MetricDefinition } from './names.ts';

const SCOPE = '@milonga/core';
const instruments = new Map<string, Counter | Histogram | Gauge>();

/** The tracer of Milonga. A no-op until an OpenTelemetry SDK is registered. */
export const tracer = (): Tracer => trace.getTracer(SCOPE);

/**
 * Measures one of `METRICS`. Costs a map look-up until an OpenTelemetry SDK is registered.
 *
 * @example `measure(METRICS.swaps, 1, { model: 'ranker', outcome: 'rejected' })`
 */
export function measure(metric: MetricDefinition, value: number, attributes?: Attributes): void {
  const instrument = instrumentOf(metric);
  if (metric.kind === 'counter') (instrument as Counter).add(value, attributes);
  else (instrument as Histogram | Gauge).record(value, attributes);
}

function instrumentOf(metric: MetricDefinition): Counter | Histogram | Gauge {
  let instrument = instruments.get(metric.name);
  if (instrument === undefined) {
    const meter = metrics.getMeter(SCOPE);
    const options = { unit: metric.unit, description: metric.description };
    instrument =
      metric.kind === 'counter'
        ? meter.createCounter(metric.name, options)
        : metric.kind === 'gauge'
          ? meter.createGauge(metric.name, options)
          : meter.createHistogram(metric.name, options);
    instruments.set(metric.name, instrument);
  }
  return instrument;
}

/**
 * Forgets the instruments, so that the next measurement goes to the SDK registered by then. Call it once after
 * registering one: instruments made before belong to the no-op API.
 */
export function resetInstruments(): void {
  instruments.clear();
}
