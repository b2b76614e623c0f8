import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type Logger, MilongaError, messageOf } from '@milonga/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorReply, errorReply, refusal } from './error-reply.ts';

/** Sends an error; what is the server's fault goes into the log. */
export function sendError(
  error: unknown,
  answer: ErrorReply,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
): FastifyReply {
  if (answer.isServerFault)
    log.error('A request failed', {
      method: request.method,
      route: request.routeOptions.url,
      code: MilongaError.isInstance(error) ? error.code : undefined,
      error: messageOf(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
  return reply.code(answer.status).headers(answer.headers).send(answer.body);
}

/** Gives everything that never comes to a handler a typed body: unknown paths, bad bodies, bad URLs. */
export function answerRefusals(server: FastifyInstance, log: Logger): void {
  server.setErrorHandler((error, request, reply) => sendError(error, frameworkReply(error), request, reply, log));
  server.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send(
        refusal(404, `There is no ${request.method} ${pathOf(request.url)}; /openapi.json lists what there is.`).body,
      ),
  );
}

/** Fastify's own errors: what the client did wrong says so, anything else is the server's fault. */
export function frameworkReply(error: unknown): ErrorReply {
  const { code, statusCode, message } = error as { code?: string; statusCode?: number; message?: string };
  const isClients = statusCode !== undefined && statusCode >= 400 && statusCode < 500;
  if (!isClients) return errorReply(error);
  // Without a code of the framework it is the parser of the body that complains.
  const what = code?.startsWith('FST_') ? message : `The body is not valid JSON: ${message}`;
  return refusal(statusCode, `${what?.slice(0, 300)}${what?.endsWith('.') ? '' : '.'}`);
}

const pathOf = (url: string): string => url.split('?')[0]!.slice(0, 200);

const SOCKET_REFUSALS: Readonly<Record<string, { readonly status: number; readonly message: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'The request took too long to arrive.' },
  HPE_HEADER_OVERFLOW: { status: 431, message: 'The headers of the request are too large.' },
};

/** Answers what is no HTTP, comes too slowly, or has too large headers, and ends the connection. */
export function refuseConnection(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const { status, message } = SOCKET_REFUSALS[error.code ?? ''] ?? { status: 400, message: 'This is not HTTP/1.1.' };
  const body = JSON.stringify(refusal(status, message).body);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
