import type { StandardSchemaV1 } from '@standard-schema/spec';

/** A request that passed its schemas. */
export interface RouteRequest<Body = unknown> {
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Body;
  /** Aborts when the client has gone or the server's time limit is over. */
  readonly signal: AbortSignal;
}

/** What a handler answers. */
export interface RouteResponse {
  /** Default: 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body: unknown;
}

/** A JSON Schema (draft 2020-12) object, for the OpenAPI document. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** An HTTP route as data: packages describe what they offer, `@milonga/service` serves it. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With parameters as `:name`. */
  readonly path: string;
  readonly summary: string;
  /** Validates the body; what it returns is what the handler gets. Absent: no body is read. */
  readonly body?: StandardSchemaV1;
  readonly bodyJsonSchema?: JsonSchema;
  /** By status. */
  readonly responses?: Readonly<Record<string, { readonly description: string; readonly schema?: JsonSchema }>>;
  handle(request: RouteRequest): Promise<RouteResponse>;
}
