import type { Port } from '../ports/port.ts';

/** Any port, where its type does not matter. */
export type AnyPort = Port<unknown>;

type InstancesOf<Needs extends readonly AnyPort[]> = {
  readonly [At in keyof Needs]: Needs[At] extends Port<infer T> ? T : never;
};

/** One port that an adapter provides, and what it needs for that. Made by {@link provide}. */
export interface Provision {
  readonly port: AnyPort;
  readonly needs: readonly AnyPort[];
  readonly create: (...needs: readonly never[]) => unknown;
  readonly dispose: ((instance: never) => void | Promise<void>) | undefined;
}

/** A named list of provisions, such as `local({ dir })` or `redis({ … })`. Made by {@link defineAdapter}. */
export interface Adapter {
  readonly name: string;
  readonly provisions: readonly Provision[];
}

/** How a port object is made and disposed of. */
export interface ProvideOptions<T, Needs extends readonly AnyPort[]> {
  /** Ports that `create` is handed, in this order. Default: none. */
  readonly needs?: Needs;
  /** Called at most once per app, after everything it needs was created. */
  readonly create: (...needs: InstancesOf<Needs>) => T | Promise<T>;
  /** Called once when the app closes, before what it needs is disposed of. */
  readonly dispose?: (instance: T) => void | Promise<void>;
}

/**
 * Says how one port is provided.
 *
 * @example
 * ```ts
 * const systemTime = defineAdapter('system-time', [provide(Clock, { create: () => systemClock() })]);
 * ```
 */
export function provide<T, const Needs extends readonly AnyPort[] = readonly []>(
  port: Port<T>,
  options: ProvideOptions<T, Needs>,
): Provision {
  return {
    port,
    needs: options.needs ?? [],
    create: options.create as unknown as Provision['create'],
    dispose: options.dispose as unknown as Provision['dispose'],
  };
}

/** Names a list of provisions, so that it can be put into the list of adapters of an app. */
export const defineAdapter = (name: string, provisions: readonly Provision[]): Adapter =>
  Object.freeze({ name, provisions });
