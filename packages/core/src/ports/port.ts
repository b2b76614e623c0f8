/**
 * A typed name for something that adapters provide. The type travels with the token, so nothing is cast where it is
 * used. A port is a type and a token under one name: `export const OnlineStore = port<OnlineStore>('online-store/1')`.
 */
export interface Port<out T> {
  /** Name and major version of the contract, such as `online-store/1`. */
  readonly id: string;
  readonly key: symbol;
  /** For the compiler only; never set. */
  readonly provides?: T;
}

/** Declares a port. Two copies of a package that declare the same id mean the same port. */
export const port = <T>(id: string): Port<T> => Object.freeze({ id, key: Symbol.for(`@milonga/port/${id}`) });

/** Port objects by token: what a role, a pipeline or a test is handed instead of a container. */
export interface Ports {
  /** @throws MilongaError `MILONGA_WIRING_PORT_MISSING` when nothing provides it. */
  get<T>(port: Port<T>): T;
  has(port: Port<unknown>): boolean;
}
