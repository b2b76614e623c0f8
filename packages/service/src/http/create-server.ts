import type { IncomingMessage, ServerResponse } from 'node:http';
import swagger from '@fastify/swagger';
import { type Logger, MilongaError, messageOf, type Route } from '@milonga/core';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { Authorise } from './authorise.ts';
import { errorReply } from './error-reply.ts';
import { validateBody } from './validate-body.ts';

/** How a server listens and what it refuses. */
export interface HttpOptions {
  /** Default: '127.0.0.1'. */
  readonly host?: string;
  /** Default: 0, any free port. */
  readonly port?: number;
  /** Larger bodies are refused with 413. Default: 1 MiB. */
  readonly bodyLimitBytes?: number;
  /** Time to receive a whole request. Default: 10,000 ms. */
  readonly requestTimeoutMs?: number;
  /** Asked for every request under `/v1`. Default: everybody may. */
  readonly authorise?: Authorise;
}

/** What a server serves. */
export interface ServerContent {
  readonly title: string;
  readonly routes: readonly Route[];
  /** In one sentence each why the process cannot serve now; empty when it can. */
  readonly notReady: () => readonly string[];
  readonly serveMetrics?: (request: IncomingMessage, response: ServerResponse) => void;
  readonly log: Logger;
}

/** Makes a server that is not listening yet. Every refusal and failure has a typed body; see `error-reply.ts`. */
export async function createServer(content: ServerContent, options: HttpOptions = {}): Promise<FastifyInstance> {
  const server = fastify({
    bodyLimit: options.bodyLimitBytes ?? 1_048_576,
    requestTimeout: options.requestTimeoutMs ?? 10_000,
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true },
  });
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: content.title, version: '1', description: 'A recommender built with Milonga.' },
    },
  });
  server.setValidatorCompiler(() => () => true); // bodies are validated by the routes' own schemas
  server.setSerializerCompiler(() => (body) => JSON.stringify(body)); // response schemas document, they do not filter
  server.setErrorHandler((error, request, reply) => sendError(error, request, reply, content.log));
  server.setNotFoundHandler((request, reply) =>
    reply.code(404).send({
      error: {
        code: 'MILONGA_REQUEST_INVALID',
        message: `There is no ${request.method} ${request.url.split('?')[0]}; /openapi.json lists what there is.`,
        isRetryable: false,
      },
    }),
  );
  if (options.authorise !== undefined) requireAuthorisation(server, options.authorise);
  closeConnectionsWhenDraining(server);
  addHealth(server, content);
  for (const route of content.routes) addRoute(server, route);
  return server;
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): void {
  const answer = errorReply(error);
  if (answer.isServerFault)
    log.error('A request failed', {
      route: request.routeOptions.url,
      error: messageOf(error),
      stack: (error as Error).stack,
    });
  void reply.code(answer.status).headers(answer.headers).send(answer.body);
}

function requireAuthorisation(server: FastifyInstance, authorise: Authorise): void {
  server.addHook('onRequest', async (request, reply) => {
    if (!request.url.startsWith('/v1')) return;
    if (await authorise(request.headers as Record<string, string | undefined>)) return;
    await reply
      .code(401)
      .header('www-authenticate', 'Bearer')
      .send({
        error: {
          code: 'MILONGA_REQUEST_INVALID',
          message: 'This server asks for "Authorization: Bearer <token>".',
          isRetryable: false,
        },
      });
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

function addHealth(server: FastifyInstance, { notReady, serveMetrics }: ServerContent): void {
  const hidden = { schema: { hide: true } };
  server.get('/livez', hidden, async () => ({ status: 'alive' }));
  server.get('/readyz', hidden, async (_request, reply) => {
    const reasons = notReady();
    return reply
      .code(reasons.length === 0 ? 200 : 503)
      .send({ status: reasons.length === 0 ? 'ready' : 'not ready', reasons });
  });
  server.get('/openapi.json', hidden, async () => server.swagger());
  if (serveMetrics === undefined) return;
  server.get('/metrics', hidden, (request, reply) => {
    reply.hijack();
    serveMetrics(request.raw, reply.raw);
  });
}

function addRoute(server: FastifyInstance, route: Route): void {
  const responses = Object.fromEntries(
    Object.entries(route.responses ?? {}).map(([status, { description, schema }]) => [
      status,
      { description, ...(schema ?? { type: 'object', additionalProperties: true }) },
    ]),
  );
  server.route({
    method: route.method,
    url: route.path,
    schema: {
      summary: route.summary,
      ...(route.bodyJsonSchema === undefined ? {} : { body: route.bodyJsonSchema }),
      ...(Object.keys(responses).length === 0 ? {} : { response: responses }),
    },
    handler: async (request, reply) => {
      const gone = new AbortController();
      const onClose = (): void => {
        if (!reply.raw.writableEnded)
          gone.abort(new MilongaError('MILONGA_ABORTED', 'The client closed the connection.'));
      };
      reply.raw.once('close', onClose);
      const answer = await route.handle({
        parameters: request.params as Record<string, string>,
        query: request.query as Record<string, string>,
        headers: request.headers as Record<string, string | undefined>,
        body: await validateBody(route, request.body),
        signal: gone.signal,
      });
      return reply
        .code(answer.status ?? 200)
        .headers(answer.headers ?? {})
        .type('application/json; charset=utf-8')
        .send(JSON.stringify(answer.body));
    },
  });
}
