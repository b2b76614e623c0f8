import type { FastifyInstance } from 'fastify';
import type { ServerContent } from './http-options.ts';

const hidden = { schema: { hide: true } };

/** `/livez`, `/readyz`, `/openapi.json` and `/metrics`: open to everybody who can reach the server. */
export function addHealthRoutes(server: FastifyInstance, { notReady, roles, serveMetrics }: ServerContent): void {
  server.get('/livez', hidden, async () => ({ status: 'alive' }));
  server.get('/readyz', hidden, async (_request, reply) => {
    const reasons = notReady();
    const isReady = reasons.length === 0;
    return reply
      .code(isReady ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({
        status: isReady ? 'ready' : 'not ready',
        reasons,
        ...(roles === undefined
          ? {}
          : { roles: Object.fromEntries(roles().map((role) => [role.name, role.notReady ?? 'ready'])) }),
      });
  });
  server.get('/openapi.json', hidden, async () => server.swagger());
  if (serveMetrics === undefined) return;
  server.get('/metrics', hidden, (request, reply) => {
    reply.hijack();
    serveMetrics(request.raw, reply.raw);
  });
}
