import { type Logger, MilongaError, type Route, type RouteRequest } from '@milonga/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { errorReply } from './error-reply.ts';
import { sendError } from './refusals.ts';
import { RequestLimit } from './request-limit.ts';
import { validateBody } from './validate-body.ts';

/** What routes share. */
export interface RouteOptions {
  readonly log: Logger;
  readonly answerTimeoutMs: number;
  /** Aborts when requests in flight must end now. */
  readonly signal: AbortSignal | undefined;
}

/** Serves a route: validates the body, runs the handler within the limits, and turns what it throws into a typed answer. */
export function addRoute(server: FastifyInstance, route: Route, { log, answerTimeoutMs, signal }: RouteOptions): void {
  server.route({
    method: route.method,
    url: route.path,
    schema: schemaOf(route),
    handler: async (request, reply) => {
      const limit = new RequestLimit(reply.raw, answerTimeoutMs, signal);
      try {
        const { status = 200, headers = {}, body } = await limit.race(handle(route, request, limit.signal));
        return await reply
          .code(status)
          .headers(headers)
          .type('application/json; charset=utf-8')
          .send(JSON.stringify(body));
      } catch (error) {
        return await sendError(error, errorReply(error), request, reply, log);
      } finally {
        limit.over();
      }
    },
  });
}

async function handle(route: Route, request: FastifyRequest, signal: AbortSignal): ReturnType<Route['handle']> {
  return route.handle({
    parameters: request.params as RouteRequest['parameters'],
    query: queryOf(request.query as Readonly<Record<string, string | readonly string[]>>),
    headers: request.headers as RouteRequest['headers'],
    body: await validateBody(route, request.body),
    signal,
  });
}

function queryOf(query: Readonly<Record<string, string | readonly string[]>>): Readonly<Record<string, string>> {
  const repeated = Object.keys(query).find((name) => typeof query[name] !== 'string');
  if (repeated === undefined) return query as Readonly<Record<string, string>>;
  const message = 'expected it once, found it several times';
  throw new MilongaError('MILONGA_REQUEST_INVALID', `The query parameter "${repeated}" is not valid: ${message}.`, {
    issues: [{ path: [repeated], message }],
  });
}

/** For the API document alone: bodies are validated by the route's own schema. */
function schemaOf({ summary, bodyJsonSchema, responses = {} }: Route): object {
  const described = Object.fromEntries(
    Object.entries(responses).map(([status, { description, schema }]) => [
      status,
      { description, ...(schema ?? { type: 'object', additionalProperties: true }) },
    ]),
  );
  return {
    summary,
    ...(bodyJsonSchema === undefined ? {} : { body: bodyJsonSchema }),
    ...(Object.keys(described).length === 0 ? {} : { response: described }),
  };
}
