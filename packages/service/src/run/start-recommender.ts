import type { AddressInfo } from 'node:net';
import {
  CurrentRecommender,
  Logger,
  MilongaError,
  messageOf,
  type Port,
  type Recommender,
  type Role,
  type RunningRole,
} from '@milonga/core';
import { type Adapter, type App, createApp, defineAdapter, provide } from '@milonga/core/app';
import type { FastifyInstance } from 'fastify';
import { createServer } from '../http/create-server.ts';
import type { HttpOptions, RoleStatus } from '../http/http-options.ts';
import { type LoggingOptions, type OwnedLogger, pinoLogger } from '../logging/pino-logger.ts';
import { registerTelemetry, type Telemetry, type TelemetryOptions } from '../telemetry/register-telemetry.ts';
import { cutConnections, Drain } from './drain.ts';

/** What runs, and how. */
export interface StartOptions {
  /** Names of roles. Default: all of the recommender's. */
  readonly roles?: readonly string[];
  /** Serves the routes of the roles, health and metrics over HTTP; false for none. Default: {}. */
  readonly http?: HttpOptions | false;
  readonly logging?: LoggingOptions;
  /** Where metrics and traces go besides `/metrics`. Without HTTP nothing is registered. Default: as the environment says. */
  readonly telemetry?: Omit<TelemetryOptions, 'serviceName'>;
  /** Win over those of the recommender: for tests and replays. */
  readonly adapters?: readonly Adapter[];
  /** Time between turning not ready and refusing connections, for load balancers to notice. Default: 0 ms. */
  readonly unreadyMs?: number;
  /** Time that requests and roles have to finish when stopping; then they are aborted. Default: 10,000 ms. */
  readonly drainMs?: number;
}

/** A recommender at work in this process. */
export interface RunningRecommender {
  readonly app: App;
  /** By name. */
  readonly roles: ReadonlyMap<string, RunningRole>;
  /** Such as `http://127.0.0.1:8080`; `undefined` without HTTP. */
  readonly url: string | undefined;
  get<T>(port: Port<T>): Promise<T>;
  /** Resolves when everything handed in before the call went all the way: absorbed, materialised, trained, swapped. */
  settle(): Promise<void>;
  /**
   * Turns not ready, finishes what is in flight, stops the roles in the order of the data, closes everything. Idempotent.
   * Rejects with the first failure, when everything was tried.
   */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Runs a recommender, or some roles of it, in this process: what `milonga dev` and `milonga start` do.
 *
 * @throws MilongaError `MILONGA_ROLE_UNKNOWN`, and every wiring error, before anything is started.
 * @example
 * ```ts
 * await using running = await startRecommender(recommender, { http: { port: 8080 } });
 * const recommendations = await running.get(Recommendations);
 * ```
 */
export async function startRecommender(
  recommender: Recommender,
  options: StartOptions = {},
): Promise<RunningRecommender> {
  const chosen = chooseRoles(recommender, options.roles);
  const output = pinoLogger(options.logging);
  const log = output.with({ recommender: recommender.name });
  const needs = chosen.flatMap((role) => role.needs(recommender));
  const app = createApp([processAdapter(recommender, log), ...recommender.adapters, ...(options.adapters ?? [])], {
    requires: needs,
  });
  const running = new Process(app, options, output, log);
  try {
    await running.start(recommender, chosen);
    return running;
  } catch (error) {
    await running
      .stop()
      .catch((later: unknown) => log.error('Stopping after a failed start failed too', { error: messageOf(later) }));
    throw error;
  }
}

function chooseRoles(recommender: Recommender, names: readonly string[] | undefined): readonly Role[] {
  if (names === undefined) return recommender.roles;
  for (const name of names) {
    if (recommender.roles.some((role) => role.name === name)) continue;
    throw new MilongaError(
      'MILONGA_ROLE_UNKNOWN',
      `Recommender "${recommender.name}" has no role "${name}". Its roles: ${recommender.roles.map((role) => role.name).join(', ')}.`,
    );
  }
  return recommender.roles.filter((role) => names.includes(role.name));
}

/** What every process brings, whatever its adapters: the value it runs and its log. */
const processAdapter = (recommender: Recommender, log: Logger): Adapter =>
  defineAdapter('process', [
    provide(CurrentRecommender, { create: () => recommender }),
    provide(Logger, { create: () => log }),
  ]);

class Process implements RunningRecommender {
  readonly app: App;
  readonly roles = new Map<string, RunningRole>();
  url: string | undefined;
  readonly #options: StartOptions;
  readonly #output: OwnedLogger;
  readonly #log: Logger;
  readonly #ending = new AbortController();
  readonly #descriptions = new Map<string, string>();
  #server: FastifyInstance | undefined;
  #telemetry: Telemetry | undefined;
  #stopping: Promise<void> | undefined;
  #isStarted = false;

  constructor(app: App, options: StartOptions, output: OwnedLogger, log: Logger) {
    this.app = app;
    this.#options = options;
    this.#output = output;
    this.#log = log;
  }

  async start(recommender: Recommender, chosen: readonly Role[]): Promise<void> {
    const { http = {}, telemetry = {} } = this.#options;
    if (http !== false) this.#telemetry = registerTelemetry({ ...telemetry, serviceName: recommender.name });
    for (const role of chosen) {
      this.#descriptions.set(role.name, role.description);
      const ports = await this.app.ports(role.needs(recommender));
      const log = this.#log.with({ role: role.name });
      this.roles.set(role.name, await role.start({ recommender, ports, log, signal: this.#ending.signal }));
    }
    if (http !== false) await this.#serve(recommender.name, http);
    this.#isStarted = true;
  }

  async #serve(title: string, http: HttpOptions): Promise<void> {
    const routes = [...this.roles.values()].flatMap((role) => role.routes ?? []);
    this.#server = await createServer(
      {
        title,
        routes,
        roles: () => this.#roleStatuses(),
        signal: this.#ending.signal,
        notReady: () => this.#notReady(),
        log: this.#log,
        ...(this.#telemetry === undefined ? {} : { serveMetrics: this.#telemetry.serveMetrics }),
      },
      http,
    );
    await this.#server.listen({ host: http.host ?? '127.0.0.1', port: http.port ?? 0 });
    const { address, port, family } = this.#server.server.address() as AddressInfo;
    this.url = `http://${hostOf(address, family)}:${port}`;
    this.#log.info('Serving', { url: this.url });
  }

  #notReady(): readonly string[] {
    if (this.#stopping !== undefined) return ['The process is stopping.'];
    if (!this.#isStarted) return ['The process is starting.'];
    return this.#roleStatuses().flatMap(({ notReady }) => notReady ?? []);
  }

  #roleStatuses(): readonly RoleStatus[] {
    return [...this.roles].map(([name, role]) => ({
      name,
      description: this.#descriptions.get(name) ?? '',
      notReady: role.notReady?.(),
    }));
  }

  async get<T>(port: Port<T>): Promise<T> {
    return (await this.app.resolve({ port })).port as T;
  }

  async settle(): Promise<void> {
    for (const role of this.roles.values()) await role.settle?.();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { unreadyMs = 0, drainMs = 10_000 } = this.#options;
    const server = this.#server;
    if (server !== undefined && unreadyMs > 0) await new Promise((resolve) => setTimeout(resolve, unreadyMs));
    const drain = new Drain(this.#log, drainMs, (reason) => {
      this.#ending.abort(reason);
      cutConnections(server);
    });
    drain.begin();
    await drain.stop('http', () => server?.close());
    for (const [name, role] of [...this.roles].reverse()) await drain.stop(name, () => role.stop());
    this.#ending.abort();
    await drain.stop('adapters', () => this.app.close());
    await drain.stop('telemetry', () => this.#telemetry?.close());
    this.#output.flush();
    drain.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** An address that a browser on this machine can open. */
function hostOf(address: string, family: string): string {
  if (family === 'IPv6') return address === '::' ? '[::1]' : `[${address}]`;
  return address === '0.0.0.0' ? '127.0.0.1' : address;
}
