import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger, Route } from '@milonga/core';
import type { Authorise } from './authorise.ts';

/** How a server listens and what it refuses. */
export interface HttpOptions {
  /** Default: '127.0.0.1'. */
  readonly host?: string;
  /** Default: 0, any free port. */
  readonly port?: number;
  /** Larger bodies are refused with 413. Default: 1 MiB. */
  readonly bodyLimitBytes?: number;
  /** Longest headers of a request, together; larger ones are refused with 431. Default: 16 KiB. */
  readonly headerLimitBytes?: number;
  /** Time to receive a whole request; slower clients get 408. Default: 10,000 ms. */
  readonly requestTimeoutMs?: number;
  /** Time to answer; then the handler's signal aborts and the client gets 504. Default: 30,000 ms. */
  readonly answerTimeoutMs?: number;
  /** Connections at once; further ones are refused. Default: 10,000. */
  readonly maxConnections?: number;
  /** Asked for every route under `/v1`. Default: everybody may. */
  readonly authorise?: Authorise;
}

/** A role as the start page and `/readyz` show it. */
export interface RoleStatus {
  readonly name: string;
  readonly description: string;
  /** Why it cannot do its work now; `undefined` when it can. */
  readonly notReady: string | undefined;
}

/** What a server serves. */
export interface ServerContent {
  readonly title: string;
  readonly routes: readonly Route[];
  /** Default: none. */
  readonly roles?: () => readonly RoleStatus[];
  /** In one sentence each why the process cannot serve now; empty when it can. */
  readonly notReady: () => readonly string[];
  readonly serveMetrics?: (request: IncomingMessage, response: ServerResponse) => void;
  readonly log: Logger;
  /** Aborts when requests in flight must end now. Default: never. */
  readonly signal?: AbortSignal;
}
