import swagger from '@fastify/swagger';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { addStartPage } from '../page/start-page.ts';
import { addRoute } from './add-route.ts';
import type { Authorise } from './authorise.ts';
import { refusal } from './error-reply.ts';
import { addHealthRoutes } from './health-routes.ts';
import type { HttpOptions, ServerContent } from './http-options.ts';
import { observeRequests } from './observe-requests.ts';
import { answerRefusals, frameworkReply, refuseConnection } from './refusals.ts';

/** How often connections are looked at that send their request too slowly. */
const LOOK_EVERY_MS = 1_000;

/**
 * Makes a server that is not listening yet. Every refusal and failure has a typed body: `{ error: { code, message,
 * isRetryable, issues? } }`.
 *
 * @example
 * ```ts
 * const server = await createServer({ title: 'shop', routes, notReady: () => [], log });
 * await server.listen({ port: 8080 });
 * ```
 */
export async function createServer(content: ServerContent, options: HttpOptions = {}): Promise<FastifyInstance> {
  const { log, signal } = content;
  const { requestTimeoutMs = 10_000, answerTimeoutMs = 30_000 } = options;
  const server = fastify({
    bodyLimit: options.bodyLimitBytes ?? 1_048_576,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true },
    http: {
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(LOOK_EVERY_MS, requestTimeoutMs),
      maxHeaderSize: options.headerLimitBytes ?? 16_384,
    },
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error, _request, reply) => {
      const { status, body } = frameworkReply(error);
      void (reply as FastifyReply).code(status).send(body);
    },
  });
  server.server.maxConnections = options.maxConnections ?? 10_000;
  await server.register(swagger, { openapi: documentOf(content.title, options) });
  server.removeContentTypeParser('text/plain'); // JSON alone is taken
  server.setValidatorCompiler(() => () => true); // bodies are validated by the routes' own schemas
  server.setSerializerCompiler(() => (body) => JSON.stringify(body)); // response schemas document, they do not filter
  observeRequests(server);
  answerRefusals(server, log);
  if (options.authorise !== undefined) requireAuthorisation(server, options.authorise);
  closeConnectionsWhenDraining(server);
  addHealthRoutes(server, content);
  addStartPage(server, content, { asksForToken: options.authorise !== undefined });
  for (const route of content.routes) addRoute(server, route, { log, answerTimeoutMs, signal });
  return server;
}

const documentOf = (title: string, { authorise }: HttpOptions) => ({
  openapi: '3.1.0',
  info: { title, version: '1', description: 'A recommender built with Milonga.' },
  ...(authorise === undefined
    ? {}
    : {
        components: { securitySchemes: { bearer: { type: 'http' as const, scheme: 'bearer' } } },
        security: [{ bearer: [] }],
      }),
});

/** By the route that was found, not by what stands in the URL: there are many ways to write `/v1`. */
function requireAuthorisation(server: FastifyInstance, authorise: Authorise): void {
  server.addHook('onRequest', async (request, reply) => {
    if (request.is404 || !request.routeOptions.url?.startsWith('/v1/')) return;
    if (await authorise(request.headers as Record<string, string | undefined>)) return;
    const { body } = refusal(401, 'This server asks for "Authorization: Bearer <token>".');
    await reply.code(401).header('www-authenticate', 'Bearer').send(body);
  });
}

/** A request in flight when the server closes is answered, and its connection ends with it instead of staying open. */
function closeConnectionsWhenDraining(server: FastifyInstance): void {
  let isClosing = false;
  server.addHook('preClose', async () => {
    isClosing = true;
  });
  server.addHook('onSend', async (_request, reply) => {
    if (isClosing) reply.header('connection', 'close');
  });
}
