import { expect, test } from 'vitest';
import { registerTelemetry } from '../telemetry/register-telemetry.ts';
import { get, serve } from './serving.fixture.ts';

test('ids, unknown paths and methods in URLs do not become series', async () => {
  const telemetry = registerTelemetry({ serviceName: 'shop' });
  try {
    const { url } = await serve(
      [get('/v1/of/:id', ({ parameters }) => parameters.id)],
      {},
      { serveMetrics: telemetry.serveMetrics },
    );
    for (let id = 0; id < 300; id += 1) {
      await (await fetch(`${url}/v1/of/customer-${id}?q=${id}`)).text();
      await (
        await fetch(`${url}/nowhere/${id}`, { method: ['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'][id % 5]! })
      ).text();
    }
    const text = await (await fetch(`${url}/metrics`)).text();
    const counts = text.split('\n').filter((line) => /^milonga_http_duration\w*_count\{/.test(line));
    expect(counts.map((line) => line.replace(/,?otel_scope[^,}]*/g, '')).sort()).toMatchInlineSnapshot(`
      [
        "milonga_http_duration_count{method="GET",route="/v1/of/:id",status="200"} 300",
        "milonga_http_duration_count{method="any",route="unknown",status="404"} 300",
      ]
    `);
    expect(text).not.toMatch(/customer-|nowhere/);
  } finally {
    await telemetry.close();
  }
});
