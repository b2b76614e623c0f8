import { Container, ContainerModule } from 'inversify';
import { MilongaError, messageOf } from '../errors/milonga-error.ts';
import type { Port, Ports } from '../ports/port.ts';
import type { Adapter, AnyPort, Provision } from './adapter.ts';
import { checkWiring, missingPort, type Winner, winnersOf } from './wiring.ts';

type Resolved<Wanted extends Readonly<Record<string, AnyPort>>> = {
  readonly [Name in keyof Wanted]: Wanted[Name] extends Port<infer T> ? T : never;
};

/** A set of adapters that were checked against each other and can be asked for port objects. */
export interface App {
  /**
   * Creates the named ports, and whatever they need, each once per app.
   * @throws MilongaError `MILONGA_WIRING_PORT_MISSING`, `MILONGA_WIRING_CREATE_FAILED`, `MILONGA_WIRING_CLOSED`.
   */
  resolve<const Wanted extends Readonly<Record<string, AnyPort>>>(ports: Wanted): Promise<Resolved<Wanted>>;
  /** Creates all `ports` and hands them out by token, for code that takes {@link Ports}. */
  ports(ports: readonly AnyPort[]): Promise<Ports>;
  /** Which adapter provides a port; `undefined` when none does. */
  providerOf(port: AnyPort): string | undefined;
  /** The inversify container behind the app: the way out when the app does not offer what you need. */
  readonly container: Container;
  /** Disposes of everything that was created, what depends on others first. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What an app needs besides its adapters. */
export interface AppOptions {
  /** Ports that must be provided: checked at once, together with the needs of every adapter that is used. */
  readonly requires?: readonly AnyPort[];
}

/**
 * Puts adapters together. Later adapters win, port by port: `createApp([local(), redis()])` keeps features on Redis and
 * everything else local. The whole wiring is checked here; objects are created when first resolved.
 *
 * @throws MilongaError `MILONGA_WIRING_PORT_MISSING` or `MILONGA_WIRING_CYCLE`, naming every gap at once.
 * @example
 * ```ts
 * await using app = createApp([local({ dir: '.milonga' })], { requires: [OnlineStore] });
 * const { online } = await app.resolve({ online: OnlineStore });
 * ```
 */
export function createApp(adapters: readonly Adapter[], options: AppOptions = {}): App {
  const winners = winnersOf(adapters);
  checkWiring(adapters, winners, options.requires ?? []);
  const created: { provision: Provision; instance: unknown }[] = [];
  const container = new Container();
  container.load(
    new ContainerModule(({ bind }) => {
      for (const { adapter, provision } of winners.values()) {
        bind(provision.port.key)
          .toResolvedValue(
            creatorOf(adapter, provision, created),
            provision.needs.map((need) => need.key),
          )
          .inSingletonScope();
      }
    }),
  );
  return new WiredApp(adapters, winners, container, created);
}

const creatorOf =
  (adapter: Adapter, provision: Provision, created: { provision: Provision; instance: unknown }[]) =>
  async (...needs: unknown[]): Promise<unknown> => {
    try {
      const instance = await (provision.create as (...all: unknown[]) => unknown)(...needs);
      created.push({ provision, instance });
      return instance;
    } catch (error) {
      throw new MilongaError(
        'MILONGA_WIRING_CREATE_FAILED',
        `Adapter "${adapter.name}" could not create "${provision.port.id}": ${messageOf(error)}`,
        { cause: error },
      );
    }
  };

class WiredApp implements App {
  readonly container: Container;
  readonly #adapters: readonly Adapter[];
  readonly #winners: ReadonlyMap<symbol, Winner>;
  readonly #created: { provision: Provision; instance: unknown }[];
  #closing: Promise<void> | undefined;

  constructor(
    adapters: readonly Adapter[],
    winners: ReadonlyMap<symbol, Winner>,
    container: Container,
    created: { provision: Provision; instance: unknown }[],
  ) {
    this.#adapters = adapters;
    this.#winners = winners;
    this.container = container;
    this.#created = created;
  }

  async resolve<const Wanted extends Readonly<Record<string, AnyPort>>>(wanted: Wanted): Promise<Resolved<Wanted>> {
    const entries = Object.entries(wanted);
    const ports = await this.ports(entries.map(([, port]) => port));
    return Object.fromEntries(entries.map(([name, port]) => [name, ports.get(port)])) as Resolved<Wanted>;
  }

  async ports(wanted: readonly AnyPort[]): Promise<Ports> {
    const instances = new Map<symbol, unknown>();
    for (const port of wanted) instances.set(port.key, await this.#instance(port));
    return {
      has: (port) => instances.has(port.key),
      get: <T>(port: Port<T>): T => {
        if (!instances.has(port.key))
          throw missingPort(port, this.#adapters, 'It was not among the ports asked of the app.');
        return instances.get(port.key) as T;
      },
    };
  }

  providerOf(port: AnyPort): string | undefined {
    return this.#winners.get(port.key)?.adapter.name;
  }

  async #instance(port: AnyPort): Promise<unknown> {
    if (this.#closing !== undefined)
      throw new MilongaError('MILONGA_WIRING_CLOSED', `The app was closed before "${port.id}" was resolved.`);
    if (!this.#winners.has(port.key)) throw missingPort(port, this.#adapters);
    try {
      return await this.container.getAsync(port.key);
    } catch (error) {
      throw creationErrorIn(error) ?? error;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#dispose();
    return this.#closing;
  }

  async #dispose(): Promise<void> {
    const errors: unknown[] = [];
    for (const { provision, instance } of this.#created.reverse()) {
      try {
        await (provision.dispose as ((instance: unknown) => unknown) | undefined)?.(instance);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0)
      throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'Several adapters failed to close.');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The container wraps what a creator threw; the innermost error of ours is the one to show. */
function creationErrorIn(error: unknown): MilongaError | undefined {
  let found: MilongaError | undefined;
  for (let at: unknown = error; at !== undefined && at !== null; at = (at as { cause?: unknown }).cause) {
    if (MilongaError.isInstance(at) && at.code === 'MILONGA_WIRING_CREATE_FAILED') found = at;
  }
  return found;
}
