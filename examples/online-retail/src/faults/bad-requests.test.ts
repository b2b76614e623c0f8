import { request } from 'node:http';
import { MilongaError, Recommendations } from '@milonga/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bought, featuresOf, post, rowsOf, startShop, temporaryDirectory } from './small-shop.fixture.ts';

const place = temporaryDirectory();
let running: Awaited<ReturnType<typeof startShop>>;
beforeAll(async () => {
  running = await startShop(place.dir);
});
afterAll(async () => {
  await running.stop();
  place[Symbol.dispose]();
});

const MEGABYTE = 1_000_000;

test('a body of 10 MB is refused with 413, by its length and by its bytes, and nothing of it is taken', async () => {
  const events = Array.from({ length: 1_000 }, (_, at) => bought(`large-${at}`, 'ada', 'x'.repeat(10_000)));
  const body = JSON.stringify({ events });
  expect(body.length).toBeGreaterThan(10 * MEGABYTE);
  const refused = {
    status: 413,
    code: 'MILONGA_REQUEST_TOO_LARGE',
  };
  expect(await send(body, { 'content-length': body.length })).toEqual(refused);
  expect(await send(body, { 'transfer-encoding': 'chunked' })).toEqual(refused);
  expect((await post(running.url, '/v1/events', { events: [bought('after', 'ada', 'tea')] })).status).toBe(200);
  await running.settle();
  expect(await featuresOf(running, ['ada'])).toMatchObject([{ purchases: 1, recentItems: ['tea'] }]);
  expect(await rowsOf(running, 'quarantined')).toEqual([]);
});

/** `fetch` fails when a server answers before it has everything; this reads what was answered. */
function send(body: string, headers: Record<string, string | number>): Promise<{ status?: number; code: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${running.url}/v1/events`,
      { method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
      async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve({ status: response.statusCode!, code: JSON.parse(text).error.code });
      },
    );
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // The server hangs up on what it does not want to read; the answer is there already.
      if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error);
    });
    sent.end(body);
  });
}

test('what is no JSON, or no list of events, is 400 with a reason', async () => {
  for (const body of ['{', '', '{"events": [}', 'events', '{"events":{}}', '{"events":[]}', '[]', 'null', '7']) {
    const answer = await post(running.url, '/v1/events', body);
    expect([body, answer.status, answer.body.error.code]).toEqual([body, 400, 'MILONGA_REQUEST_INVALID']);
    expect(answer.body.error.message.length).toBeGreaterThan(10);
  }
  const many = { events: Array.from({ length: 1_001 }, (_, at) => bought(`many-${at}`, 'a', 'b')) };
  const { status, body } = await post(running.url, '/v1/events', many);
  expect(status).toBe(400);
  expect(body.error.issues[0].message).toContain('expected 1 to 1000 events, found 1001');
});

test('JSON that tries to be a prototype is refused', async () => {
  const text =
    '{"events":[{"type":"purchase","id":"p","payload":{"__proto__":{"admin":true},"customerId":"eve","stockCode":"s","quantity":1,"unitPrice":1}}]}';
  const { status, body } = await post(running.url, '/v1/events', text);
  expect(status).toBe(400);
  expect(body.error.code).toBe('MILONGA_REQUEST_INVALID');
  expect(({} as { admin?: boolean }).admin).toBeUndefined();
});

test('an unknown pipeline is 404 and says which there are, over HTTP and in process', async () => {
  const { status, body } = await post(running.url, '/v1/recommend/for-me', { customerId: 'ada' });
  expect(status).toBe(404);
  expect(body.error).toMatchObject({
    code: 'MILONGA_PIPELINE_UNKNOWN',
    message: 'There is no pipeline "for-me". Defined: for-you, with-picks.',
    isRetryable: false,
  });
  const recommendations = await running.get(Recommendations);
  const error = await recommendations.recommend('for-me', {}).catch((thrown: unknown) => thrown);
  expect(MilongaError.isInstance(error) && error.code).toBe('MILONGA_PIPELINE_UNKNOWN');
});

test('a request with wrong fields is 400 and names each of them', async () => {
  const { status, body } = await post(running.url, '/v1/recommend/for-you', { customerId: 5, limit: '3', more: true });
  expect(status).toBe(400);
  expect(body.error.code).toBe('MILONGA_REQUEST_INVALID');
  const fields = body.error.issues.map(({ path }: { path: readonly string[] }) => path[0]);
  expect(fields.toSorted()).toEqual(['customerId', 'limit', 'more']);
  const { body: ofRange } = await post(running.url, '/v1/recommend/for-you', { customerId: 'ada', limit: 0 });
  expect(ofRange.error).toMatchObject({ code: 'MILONGA_REQUEST_INVALID', issues: [{ path: ['limit'] }] });
  expect((await post(running.url, '/v1/recommend/for-you', '{')).status).toBe(400);
  expect((await post(running.url, '/v1/recommend/for-you', {})).status).toBe(400);
});

test('a path that is not there is 404 with the same body', async () => {
  const { status, body } = await post(running.url, '/v1/evnets', {});
  expect(status).toBe(404);
  expect(body.error.code).toBe('MILONGA_REQUEST_INVALID');
});
