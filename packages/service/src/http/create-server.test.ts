import { MilongaError, type Route, silentLogger } from '@milonga/core';
import { afterEach, describe, expect, it } from 'vitest';
import { bearerToken } from './authorise.ts';
import { createServer } from './create-server.ts';
import type { HttpOptions } from './http-options.ts';

const echo: Route = {
  method: 'POST',
  path: '/v1/echo/:name',
  summary: 'Answers what it was sent',
  body: {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) =>
        typeof (value as { text?: unknown } | null)?.text === 'string'
          ? { value }
          : { issues: [{ message: 'expected a string', path: ['text'] }] },
    },
  },
  bodyJsonSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
  responses: { 200: { description: 'The same again' } },
  handle: async ({ body, parameters }) => ({ body: { body, name: parameters.name } }),
};
const failing = (error: unknown): Route => ({
  method: 'GET',
  path: '/v1/fail',
  summary: 'Fails',
  handle: () => Promise.reject(error),
});

let close: () => Promise<unknown> = async () => {};
afterEach(() => close());

async function serve(
  routes: readonly Route[],
  options: HttpOptions = {},
  reasons: readonly string[] = [],
): Promise<string> {
  const server = await createServer({ title: 'test', routes, notReady: () => reasons, log: silentLogger }, options);
  close = () => server.close();
  return server.listen({ host: '127.0.0.1', port: 0 });
}
const post = (url: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

describe('createServer', () => {
  it('serves a route and validates its body', async () => {
    const url = await serve([echo]);
    const good = await post(`${url}/v1/echo/ada`, '{"text":"hi"}');
    expect([good.status, await good.json()]).toEqual([200, { body: { text: 'hi' }, name: 'ada' }]);
    const bad = await post(`${url}/v1/echo/ada`, '{"text":5}');
    expect([bad.status, await bad.json()]).toEqual([
      400,
      {
        error: {
          code: 'MILONGA_REQUEST_INVALID',
          isRetryable: false,
          message: 'The body of POST /v1/echo/:name is not valid: text: expected a string',
          issues: [{ path: ['text'], message: 'expected a string' }],
        },
      },
    ]);
  });

  it.each([
    ['invalid JSON', '{"text":', {}, 400, 'MILONGA_REQUEST_INVALID'],
    ['no JSON at all', 'text', { 'content-type': 'text/csv' }, 415, 'MILONGA_REQUEST_INVALID'],
    ['an empty body', '', {}, 400, 'MILONGA_REQUEST_INVALID'],
    ['a body of 10 MB', JSON.stringify({ text: 'x'.repeat(10_000_000) }), {}, 413, 'MILONGA_REQUEST_TOO_LARGE'],
    ['a polluting key', '{"__proto__":{"x":1},"text":"a"}', {}, 400, 'MILONGA_REQUEST_INVALID'],
  ])('refuses %s with a typed error, and lives on', async (_what, body, headers, status, code) => {
    const url = await serve([echo]);
    const answer = await post(`${url}/v1/echo/ada`, body, headers);
    expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([status, code]);
    expect((await post(`${url}/v1/echo/ada`, '{"text":"hi"}')).status).toBe(200);
  });

  it('answers an unknown path with a typed 404', async () => {
    const answer = await fetch(`${await serve([])}/v1/nothing`);
    expect([answer.status, await answer.json()]).toMatchObject([404, { error: { code: 'MILONGA_REQUEST_INVALID' } }]);
  });

  it('tells overload with 503 and Retry-After, and hides what is not ours', async () => {
    const overloaded = Object.assign(new MilongaError('MILONGA_PIPELINE_OVERLOADED', 'busy', { isRetryable: true }), {
      retryAfterMs: 2_500,
    });
    const busy = await fetch(`${await serve([failing(overloaded)])}/v1/fail`);
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '3']);
    await close();
    const broken = await fetch(`${await serve([failing(new Error('password=secret'))])}/v1/fail`);
    expect(broken.status).toBe(500);
    expect(await broken.text()).not.toContain('secret');
  });

  it('is alive, and ready only when nothing speaks against it', async () => {
    const url = await serve([], {}, ['No model is live.']);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'not ready', reasons: ['No model is live.'] }]);
  });

  it('asks for the token under /v1 only', async () => {
    const url = await serve([echo], { authorise: bearerToken('one', 'two') });
    expect((await post(`${url}/v1/echo/a`, '{"text":"x"}')).status).toBe(401);
    expect((await post(`${url}/v1/echo/a`, '{"text":"x"}', { authorization: 'Bearer three' })).status).toBe(401);
    expect((await post(`${url}/v1/echo/a`, '{"text":"x"}', { authorization: 'Bearer two' })).status).toBe(200);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
  });

  it('describes its routes as OpenAPI', async () => {
    const document = (await (await fetch(`${await serve([echo])}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, unknown>;
    };
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual(['/v1/echo/{name}']);
    expect(JSON.stringify(document)).toContain('"required":["text"]');
  });
});
