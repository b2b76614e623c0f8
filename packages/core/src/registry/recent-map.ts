/** Values made on demand, of which the most recently used are kept. */
export class RecentMap<T> {
  readonly #most: number;
  readonly #make: (key: string) => T;
  readonly #values = new Map<string, T>();

  constructor(most: number, make: (key: string) => T) {
    this.#most = most;
    this.#make = make;
  }

  get(key: string): T {
    const value = this.#values.get(key) ?? this.#make(key);
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size > this.#most) {
      for (const oldest of this.#values.keys()) {
        this.#values.delete(oldest);
        break;
      }
    }
    return value;
  }
}
