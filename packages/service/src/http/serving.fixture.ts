import { connect } from 'node:net';
import { type Route, type RouteRequest, silentLogger } from '@milonga/core';
import type { FastifyInstance } from 'fastify';
import { afterEach } from 'vitest';
import { createServer } from './create-server.ts';
import type { HttpOptions, ServerContent } from './http-options.ts';

const servers: FastifyInstance[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.server.closeAllConnections();
    await server.close();
  }
});

/** A server with these routes on a free port; it closes after the test. */
export async function serve(
  routes: readonly Route[],
  options: HttpOptions = {},
  content: Partial<ServerContent> = {},
): Promise<{ readonly url: string; readonly port: number; readonly server: FastifyInstance }> {
  const server = await createServer(
    { title: 'test', routes, notReady: () => [], log: silentLogger, ...content },
    options,
  );
  servers.push(server);
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return { url, port: Number(new URL(url).port), server };
}

/** A route that answers what `handle` makes of a request. */
export const get = (path: string, handle: (request: RouteRequest) => unknown): Route => ({
  method: 'GET',
  path,
  summary: 'A route of a test',
  handle: async (request) => ({ body: await handle(request) }),
});

export const post = (path: string, handle: (request: RouteRequest) => unknown): Route => ({
  ...get(path, handle),
  method: 'POST',
  body: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
});

/** Sends text over a socket as it is, and gives everything that came back until the server ended the connection. */
export function overSocket(port: number, ...parts: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (some: string) => {
      answer += some;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', () => {});
    for (const part of parts) socket.write(part);
  });
}

/** The JSON body of a raw answer. */
export const bodyOf = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
