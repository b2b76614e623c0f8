/** How a publish of an id ended: the same for everybody who hands the id in meanwhile. */
export type Pending = Promise<unknown>;

/**
 * Ids that were taken lately, and those that are on their way. Bounded: it remembers between `limit` and twice as many, in two
 * generations, the older of which goes at once.
 */
export class RecentIds {
  readonly #limit: number;
  #young = new Set<string>();
  #old = new Set<string>();
  readonly #pending = new Map<string, Pending>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** True when the id was taken. */
  has(id: string): boolean {
    return this.#young.has(id) || this.#old.has(id);
  }

  /** The publish that the id is part of now. */
  pending(id: string): Pending | undefined {
    return this.#pending.get(id);
  }

  /** Ids are on their way; when `publish` resolves they are taken, when it rejects nothing is known of them. */
  begin(ids: readonly string[], publish: Pending): void {
    for (const id of ids) this.#pending.set(id, publish);
    const end = (): void => {
      for (const id of ids) if (this.#pending.get(id) === publish) this.#pending.delete(id);
    };
    publish.then(() => {
      end();
      for (const id of ids) this.#add(id);
    }, end);
  }

  #add(id: string): void {
    if (this.#limit === 0) return;
    this.#young.add(id);
    if (this.#young.size < this.#limit) return;
    this.#old = this.#young;
    this.#young = new Set();
  }
}
