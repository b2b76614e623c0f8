import { type Lease, type LeaseHold, MilongaError } from '@milonga/core';
import { closed } from '../environment/storage-errors.ts';

/** Leases in a map. For tests: a holder here cannot die without the process, so nothing has to be renewed. */
export class MemoryLease implements Lease {
  readonly #holds = new Map<string, LeaseHold>();
  readonly #tokens = new Map<string, number>();
  #isOpen = true;

  async acquire(name: string, { ttlMs }: { readonly ttlMs: number }): Promise<LeaseHold | undefined> {
    if (!this.#isOpen) throw closed('lease');
    if (name === '') throw new MilongaError('MILONGA_KEY_INVALID', 'The name of a lease must not be empty.');
    if (!(Number.isFinite(ttlMs) && ttlMs > 0)) {
      throw new MilongaError(
        'MILONGA_DEFINITION_INVALID',
        `\`ttlMs\` of the lease "${name}" must be finite and above 0; found ${ttlMs}.`,
      );
    }
    if (this.#holds.has(name)) return undefined;
    const token = (this.#tokens.get(name) ?? 0) + 1;
    this.#tokens.set(name, token);
    const hold: LeaseHold = {
      token,
      signal: new AbortController().signal,
      release: async () => {
        if (this.#holds.get(name) === hold) this.#holds.delete(name);
      },
    };
    this.#holds.set(name, hold);
    return hold;
  }

  close(): void {
    this.#isOpen = false;
    this.#holds.clear();
  }
}
