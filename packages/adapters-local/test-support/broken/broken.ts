/** A deliberate defect: what it is called, and how it changes a right implementation. */
export interface Mutation<T> {
  readonly name: string;
  readonly change: (real: T) => Partial<T>;
  /** It shows only when calls are cut or fail. */
  readonly needsFaults?: boolean;
}

/** The implementation with some of its methods replaced. `close` and private state stay those of the original. */
export function broken<T extends object>(real: T, change: (real: T) => Partial<T>): T {
  const changes = change(real);
  return new Proxy(real, {
    get(target, name) {
      if (name in changes) return changes[name as keyof T];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** No change: the control, which every check must let pass. */
export const none = { name: 'no mutation', change: () => ({}) } as const;

export const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
export const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What a port method has in its options when it can be cancelled. */
export interface Cancellable {
  readonly signal?: AbortSignal;
}
