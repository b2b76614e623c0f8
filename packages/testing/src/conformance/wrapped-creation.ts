/** How a suite gets what it tests, and gets rid of it. */
export interface Creating<T extends object> {
  readonly create: (...args: never[]) => T | Promise<T>;
  readonly another?: (...args: never[]) => T | Promise<T>;
  readonly close: (created: T) => void | Promise<void>;
}

/** The same options, whose author creates and closes originals while the suite sees them wrapped. */
export function withWrapped<T extends object, O extends Creating<T>>(options: O, wrap: (created: T) => T): O {
  const originals = new WeakMap<T, T>();
  const wrapped = (created: T): T => {
    const layer = wrap(created);
    originals.set(layer, created);
    return layer;
  };
  const { another } = options;
  return {
    ...options,
    create: async (...args: never[]) => wrapped(await options.create(...args)),
    ...(another && { another: async (...args: never[]) => wrapped(await another(...args)) }),
    close: (layer: T) => options.close(originals.get(layer) ?? layer),
  };
}
