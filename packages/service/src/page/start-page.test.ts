import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { post, serve } from '../http/serving.fixture.ts';

const forYou = {
  ...post('/v1/recommend/for-you', () => ({})),
  bodyJsonSchema: { type: 'object', properties: { customerId: { type: 'string', description: '</script><b>' } } },
};

describe('GET /', () => {
  test('shows what runs here and what can be tried', async () => {
    const { url } = await serve(
      [forYou, post('/v1/recommend/:pipeline', () => ({})), post('/v1/events', () => ({}))],
      {},
      {
        title: 'online-retail',
        roles: () => [
          { name: 'recommend', description: 'answers requests', notReady: undefined },
          { name: 'lake', description: 'lands events', notReady: 'The lake is <full>.' },
        ],
      },
    );
    const answer = await fetch(url);
    const page = await answer.text();
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page).toContain('<h1>online-retail</h1>');
    expect(page).toContain('The lake is &lt;full&gt;.');
    expect(page.match(/<summary>/g)).toHaveLength(1);
    expect(page).toContain('POST /v1/recommend/for-you');
    for (const link of ['/openapi.json', '/metrics', '/readyz']) expect(page).toContain(`href="${link}"`);
    expect(page).not.toContain('id="token"');
  });

  test('is whole in itself, and lets nothing run but its own script', async () => {
    const { url } = await serve([forYou]);
    const answer = await fetch(url);
    const page = await answer.text();
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
    const scripts = [...page.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)];
    expect(scripts.map(([, attributes]) => attributes)).toEqual([' type="application/json" id="state"', '']);
    const hash = createHash('sha256').update(scripts[1]![2]!).digest('base64');
    expect(answer.headers.get('content-security-policy')).toContain(`script-src 'sha256-${hash}'`);
    expect(JSON.parse(scripts[0]![2]!)).toEqual({
      pipelines: [{ name: 'for-you', path: '/v1/recommend/for-you', input: forYou.bodyJsonSchema }],
    });
    expect(() => new Function(scripts[1]![2]!)).not.toThrow();
  });

  test('asks for the token where one is needed, and says when nothing is served', async () => {
    const guarded = await serve([forYou], { authorise: () => false });
    expect(await (await fetch(guarded.url)).text()).toContain('id="token"');
    const empty = await serve([]);
    expect(await (await fetch(empty.url)).text()).toContain('No pipeline is served here');
  });
});
