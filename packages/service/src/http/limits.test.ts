import { connect } from 'node:net';
import { MilongaError } from '@milonga/core';
import { describe, expect, test } from 'vitest';
import { bodyOf, get, overSocket, pause, post, serve } from './serving.fixture.ts';

describe('clients', () => {
  test('that send their request too slowly get 408, and others do not wait for them', async () => {
    const { port, url } = await serve([get('/v1/a', () => 'a')], { requestTimeoutMs: 200 });
    const startedMs = performance.now();
    const slow = overSocket(port, 'GET /v1/a HTTP/1.1\r\nHost: x\r\n');
    const slowBody = overSocket(
      port,
      'POST /v1/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a":',
    );
    expect((await fetch(`${url}/v1/a`)).status).toBe(200);
    for (const answer of [await slow, await slowBody]) {
      expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout/);
      expect(bodyOf(answer)).toMatchObject({ error: { code: 'MILONGA_REQUEST_INVALID' } });
    }
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });

  test('whose headers are too large get 431', async () => {
    const { url, port } = await serve([get('/v1/a', () => 'a')], { headerLimitBytes: 2_000 });
    expect((await fetch(`${url}/v1/a`, { headers: { 'x-some': 'x'.repeat(1_000) } })).status).toBe(200);
    const answer = await overSocket(port, `GET /v1/a HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(3_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large/);
    expect(bodyOf(answer)).toMatchObject({ error: { message: 'The headers of the request are too large.' } });
  });

  test.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['a body length that is no number', 'POST /v1/a HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n'],
    ['two lengths', 'POST /v1/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx'],
  ])('that send %s get 400 with a typed body', async (_, text) => {
    const { port } = await serve([post('/v1/a', () => 'a')]);
    const answer = await overSocket(port, text);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request/);
    expect(bodyOf(answer)).toMatchObject({ error: { code: 'MILONGA_REQUEST_INVALID', isRetryable: false } });
  });

  test.each([
    ['/v1/%', 400],
    ['/v1/%c0%af', 400],
    [`/v1/${'x'.repeat(300)}/x`, 414],
    ['/v1/../livez2', 404],
    ['//v1//a', 404],
  ])('that ask for %j get %d with a typed body', async (path, status) => {
    const { port } = await serve([get('/v1/:name/x', () => 'a')]);
    const answer = await overSocket(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer.split('\r\n')[0]).toContain(` ${status} `);
    expect(bodyOf(answer)).toMatchObject({ error: { code: 'MILONGA_REQUEST_INVALID' } });
  });

  test('may not repeat a query parameter', async () => {
    const { url } = await serve([get('/v1/a', ({ query }) => query)]);
    expect(await (await fetch(`${url}/v1/a?x=1&y=2`)).json()).toEqual({ x: '1', y: '2' });
    const answer = await fetch(`${url}/v1/a?x=1&x=2`);
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { issues: [{ path: ['x'] }] } }]);
  });

  test('beyond the most connections are refused; those inside are served', async () => {
    const { port, url } = await serve([get('/v1/a', () => 'a')], { maxConnections: 3 });
    const held = Array.from({ length: 3 }, () => connect(port, '127.0.0.1'));
    await Promise.all(held.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    await expect
      .poll(() =>
        fetch(`${url}/v1/a`).then(
          () => 'served',
          () => 'refused',
        ),
      )
      .toBe('refused');
    for (const socket of held) socket.destroy();
    await expect
      .poll(() =>
        fetch(`${url}/v1/a`).then(
          () => 'served',
          () => 'refused',
        ),
      )
      .toBe('served');
  });
});

describe('handlers', () => {
  test('learn that the client has gone', async () => {
    let reason: unknown;
    let isStarted = false;
    const { url } = await serve([
      get('/v1/a', ({ signal }) => {
        isStarted = true;
        return new Promise((_, reject) =>
          signal.addEventListener('abort', () => {
            reason = signal.reason;
            reject(signal.reason);
          }),
        );
      }),
    ]);
    const leaving = new AbortController();
    const asking = fetch(`${url}/v1/a`, { signal: leaving.signal });
    await expect.poll(() => isStarted).toBe(true);
    leaving.abort();
    await expect(asking).rejects.toThrow();
    await expect
      .poll(() => reason)
      .toMatchObject({ code: 'MILONGA_ABORTED', message: 'The client closed the connection.' });
  });

  test('that have answered hear nothing of the end of the connection', async () => {
    const signals: AbortSignal[] = [];
    const { url } = await serve([get('/v1/a', ({ signal }) => signals.push(signal))]);
    for (let call = 0; call < 5; call += 1)
      await (await fetch(`${url}/v1/a`, { headers: { connection: 'close' } })).text();
    await pause(20);
    expect(signals.map((signal) => signal.aborted)).toEqual(Array(5).fill(false));
  });

  test('that take too long are given up with 504, whether they mind their signal or not', async () => {
    const signals: AbortSignal[] = [];
    const { url } = await serve(
      [
        get('/v1/a', ({ signal }) => {
          signals.push(signal);
          return new Promise(() => {});
        }),
      ],
      { answerTimeoutMs: 50 },
    );
    const answer = await fetch(`${url}/v1/a`);
    expect([answer.status, await answer.json()]).toMatchObject([
      504,
      { error: { code: 'MILONGA_DEADLINE_EXCEEDED', isRetryable: true } },
    ]);
    expect(signals[0]?.aborted).toBe(true);
  });

  test('in flight are aborted when the process must end, and their clients are told', async () => {
    const ending = new AbortController();
    const { url } = await serve([get('/v1/a', () => new Promise(() => {}))], {}, { signal: ending.signal });
    const asking = fetch(`${url}/v1/a`);
    await pause(30);
    ending.abort();
    const answer = await asking;
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toMatchObject([
      503,
      '1',
      { error: { code: 'MILONGA_ABORTED', isRetryable: true } },
    ]);
  });

  test('answer a thousand requests at once', async () => {
    const { url } = await serve([
      post('/v1/a', async ({ body }) => {
        await pause(5);
        return body;
      }),
    ]);
    const bodies = await Promise.all(
      Array.from({ length: 1_000 }, async (_, at) => {
        const headers = { 'content-type': 'application/json' };
        return (await fetch(`${url}/v1/a`, { method: 'POST', headers, body: JSON.stringify({ at }) })).json();
      }),
    );
    expect(bodies).toEqual(Array.from({ length: 1_000 }, (_, at) => ({ at })));
  });
});

describe('failures', () => {
  const lines: unknown[] = [];
  const log = { ...silentLog(), error: (_: string, fields?: object) => void lines.push(fields) };
  function silentLog() {
    const nothing = (): void => {};
    return { debug: nothing, info: nothing, warn: nothing, error: nothing, with: () => log };
  }
  const failing = async (error: unknown) => {
    lines.length = 0;
    const { url } = await serve([get('/v1/a', () => Promise.reject(error))], {}, { log });
    const answer = await fetch(`${url}/v1/a`);
    return { status: answer.status, text: await answer.text() };
  };

  test.each([
    ['an error with a status of its own', Object.assign(new Error('SELECT secret'), { statusCode: 400 })],
    [
      'one of the framework’s',
      Object.assign(new Error('secret'), { statusCode: 413, code: 'FST_ERR_CTP_BODY_TOO_LARGE' }),
    ],
    ['a string', 'secret'],
    ['nothing', undefined],
    ['a defect of ours', new MilongaError('MILONGA_LAKE_QUERY_FAILED', 'SELECT secret FROM home.shop')],
  ])('%s from a handler is the server’s fault and tells nothing of the inside', async (_, error) => {
    const { status, text } = await failing(error);
    expect(status).toBe(500);
    expect(text).not.toMatch(/secret|home/);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ method: 'GET', route: '/v1/a' });
  });

  test('what the client did wrong is not logged', async () => {
    const { status, text } = await failing(new MilongaError('MILONGA_PIPELINE_UNKNOWN', 'No pipeline is named "x".'));
    expect([status, JSON.parse(text), lines]).toMatchObject([
      404,
      { error: { message: 'No pipeline is named "x".' } },
      [],
    ]);
  });

  test('a full disk is 507', async () => {
    expect(
      (await failing(new MilongaError('MILONGA_STORAGE_FULL', 'no space on /data', { isRetryable: true }))).status,
    ).toBe(507);
  });

  test('an answer that is no JSON is the server’s fault', async () => {
    const { url } = await serve([get('/v1/a', () => 1n)], {}, { log });
    expect((await fetch(`${url}/v1/a`)).status).toBe(500);
  });
});
