import { METRICS, resetInstruments, SPANS } from '@milonga/core';
import { type Attributes, metrics, type Span, type SpanOptions, trace } from '@opentelemetry/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requireService } from '../../../../services/test-services.ts';
import { StorageArtifactStore } from './artifacts/storage-artifact-store.ts';

process.env.METADATA_SERVER_DETECTION ??= 'none'; // the SDK would look for the metadata server of a cloud machine
const address = await requireService('gcs');
const seen: string[] = [];

beforeAll(() => {
  const startSpan = (name: string, { attributes }: SpanOptions = {}): Span => {
    let failure = '';
    const recordException = ({ code }: { readonly code: string }): void => {
      failure = ` ${code}`;
    };
    const end = (): void => void seen.push(`${name} ${attributes?.operation}${failure}`);
    return { recordException, end } as unknown as Span;
  };
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan }) as never });
  const instrument = (name: string) => {
    const take = (value: number, { operation, outcome }: Attributes = {}): void =>
      void seen.push([name, operation, outcome ?? value].join(' '));
    return { add: take, record: take };
  };
  metrics.setGlobalMeterProvider({
    getMeter: () => ({ createCounter: instrument, createHistogram: instrument, createGauge: instrument }) as never,
  });
  resetInstruments();
});
afterAll(() => {
  trace.disable();
  metrics.disable();
  resetInstruments();
});

test.skipIf(address === undefined)(
  'each call is a span and a duration, by the names of core, and bytes are counted',
  async () => {
    const [span, duration, counted] = [SPANS.artifactStore, METRICS.artifactDuration.name, METRICS.artifactBytes.name];
    const clientOptions = { projectId: 'test', apiEndpoint: address!.endpoint };
    const bucket = `telemetry-${process.pid}-${Date.now()}`;
    const store = await StorageArtifactStore.open({ bucket, clientOptions });
    await store.putIfAbsent('a', new Uint8Array(3));
    await store.putIfAbsent('a', new Uint8Array(5));
    await store.get('a', { range: { start: 0, end: 2 } });
    await store.remove('a');
    const controller = new AbortController();
    const given = store.get('a', { signal: controller.signal });
    controller.abort();
    await expect(given).rejects.toMatchObject({ code: 'MILONGA_ABORTED' });
    expect(seen).toEqual([
      `${counted} put 3`,
      ...[`${duration} put ok`, `${span} put`],
      ...[`${duration} put ok`, `${span} put`],
      `${counted} get 2`,
      ...[`${duration} get ok`, `${span} get`],
      ...[`${duration} remove ok`, `${span} remove`],
      ...[`${duration} get aborted`, `${span} get MILONGA_ABORTED`],
    ]);
  },
);
