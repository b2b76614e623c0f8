import { MilongaError } from '@milonga/core';
import { describe, expect, test } from 'vitest';
import { bearerToken } from './authorise.ts';
import { get, overSocket, serve } from './serving.fixture.ts';

describe('bearerToken', () => {
  test.each([
    ['Bearer one', true],
    ['bearer two', true],
    ['Bearer  one ', true],
    ['one', false],
    ['Basic one', false],
    ['Bearer', false],
    ['Bearer ', false],
    ['Bearer One', false],
    ['Bearer one two', false],
    ['Bearer onetwo', false],
    [undefined, false],
  ])('%j: %s', async (authorization, isOpen) => {
    expect(await bearerToken('one', 'two')({ authorization })).toBe(isOpen);
  });

  test.each([[[]], [['']], [['one', ' ']]])('refuses the tokens %j, which would let everybody in', (tokens) => {
    expect(() => bearerToken(...tokens)).toThrow(MilongaError);
  });
});

describe('a guarded server', () => {
  const guarded = () =>
    serve([get('/v1/secret', () => 'secret'), get('/v1/of/:name', () => 'secret')], { authorise: bearerToken('one') });

  test.each([
    '/v1/secret',
    '/v1/secret/',
    '/v1/secret?x=/livez',
    '/%761/secret',
    '/v1%2fsecret',
    '/v1/%73ecret',
    '/V1/secret',
    '//v1/secret',
    '/v1//secret',
    '/./v1/secret',
    '/livez/../v1/secret',
    '/v1/of/a%2fb',
    'http://elsewhere/v1/secret',
    '/v1;x/secret',
  ])('does not open %s without a token', async (path) => {
    const { port } = await guarded();
    const answer = await overSocket(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 (401|404|400) /);
    expect(answer).not.toContain('"secret"');
  });

  test('opens with a token, and leaves health open', async () => {
    const { url } = await guarded();
    expect((await fetch(`${url}/v1/secret`, { headers: { authorization: 'Bearer one' } })).status).toBe(200);
    for (const path of ['/livez', '/readyz', '/openapi.json', '/'])
      expect((await fetch(`${url}${path}`)).status).toBe(200);
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as { security: unknown };
    expect(document.security).toEqual([{ bearer: [] }]);
  });

  test('an authoriser that fails lets nobody in', async () => {
    const { url } = await serve([get('/v1/secret', () => 'secret')], {
      authorise: () => Promise.reject(new Error('identity provider: password=x')),
    });
    const answer = await fetch(`${url}/v1/secret`);
    expect([answer.status, await answer.text()]).toEqual([500, expect.not.stringContaining('password')]);
  });
});
