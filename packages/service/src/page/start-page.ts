import { createHash } from 'node:crypto';
import type { JsonSchema, Route } from '@milonga/core';
import type { FastifyInstance } from 'fastify';
import type { RoleStatus, ServerContent } from '../http/http-options.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';

/** A pipeline that can be tried from the page. */
interface TriedPipeline {
  readonly name: string;
  readonly path: string;
  readonly input: JsonSchema | undefined;
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing from elsewhere is loaded, nothing but this page's own script runs, and no other page may frame it. */
const SECURITY_HEADERS = {
  'content-security-policy': `default-src 'none'; style-src ${hashOf(PAGE_STYLE)}; script-src ${hashOf(PAGE_SCRIPT)}; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

/** `GET /`: what runs here, whether it is ready, and a form to try each pipeline. One page, whole in itself. */
export function addStartPage(
  server: FastifyInstance,
  { title, routes, roles = () => [] }: ServerContent,
  { asksForToken }: { readonly asksForToken: boolean },
): void {
  const pipelines = pipelinesOf(routes);
  server.get('/', { schema: { hide: true } }, async (_request, reply) =>
    reply
      .headers(SECURITY_HEADERS)
      .type('text/html; charset=utf-8')
      .serializer(String)
      .send(pageOf(title, roles(), pipelines, asksForToken)),
  );
}

function pipelinesOf(routes: readonly Route[]): readonly TriedPipeline[] {
  const prefix = '/v1/recommend/';
  return routes
    .filter(({ method, path }) => method === 'POST' && path.startsWith(prefix) && !path.includes(':'))
    .map(({ path, bodyJsonSchema }) => ({ name: path.slice(prefix.length), path, input: bodyJsonSchema }));
}

function pageOf(
  title: string,
  roles: readonly RoleStatus[],
  pipelines: readonly TriedPipeline[],
  asksForToken: boolean,
): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)} · Milonga</title>
<link rel="icon" href="data:,">
<style>${PAGE_STYLE}</style>
</head>
<body>
<header>
<h1>${text(title)}</h1>
<span id="overall" class="state">…</span>
<nav><a href="/openapi.json">API</a><a href="/metrics">metrics</a><a href="/readyz">readiness</a></nav>
</header>
<main>
<h2>Roles in this process</h2>
${roles.length === 0 ? '<p>None.</p>' : `<ul class="roles">${roles.map(roleItem).join('')}</ul>`}
<h2>Pipelines</h2>
${pipelines.length === 0 ? '<p>No pipeline is served here; the role “recommend” does that.</p>' : ''}
${asksForToken && pipelines.length > 0 ? '<label>Token <input type="password" id="token" autocomplete="off"></label><br>' : ''}
${pipelines.map(pipelineItem).join('\n')}
</main>
<footer>A recommender built with Milonga. <noscript>Trying a pipeline here needs JavaScript.</noscript></footer>
<script type="application/json" id="state">${json({ pipelines })}</script>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

const roleItem = ({ name, description, notReady }: RoleStatus): string =>
  `<li data-role="${text(name)}"><b>${text(name)}</b><small>${text(description)}</small><span class="state ${notReady === undefined ? 'ready' : 'not-ready'}">${text(notReady ?? 'ready')}</span></li>`;

const pipelineItem = ({ name, path }: TriedPipeline, at: number): string =>
  `<details${at === 0 ? ' open' : ''}><summary>${text(name)}<code>POST ${text(path)}</code></summary><div id="try-${text(name)}"></div></details>`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const text = (value: string): string => value.replace(/[&<>"']/g, (character) => ENTITIES[character]!);

/** JSON that cannot end the script element that it stands in. */
const json = (value: unknown): string => JSON.stringify(value).replace(/</g, '\\u003c');
