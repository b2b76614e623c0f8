import { type ArtifactInfo, type ArtifactStore, MilongaError, throwIfAborted } from '@milonga/core';
import { closed } from '../environment/storage-errors.ts';

const NAME = /^(?!\.\.?(\/|$))[A-Za-z0-9._=-]+(\/(?!\.\.?(\/|$))[A-Za-z0-9._=-]+)*$/;

/** Artifacts in a map. For tests: nothing outlives the process. */
export class MemoryArtifactStore implements ArtifactStore {
  readonly #objects = new Map<string, Uint8Array>();
  #isOpen = true;

  async putIfAbsent(
    name: string,
    bytes: Uint8Array,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<boolean> {
    this.#begin(name, options.signal);
    if (this.#objects.has(name)) return false;
    this.#objects.set(name, bytes.slice());
    return true;
  }

  async get(
    name: string,
    options: { readonly range?: { readonly start: number; readonly end: number }; readonly signal?: AbortSignal } = {},
  ): Promise<Uint8Array | undefined> {
    this.#begin(name, options.signal);
    const { start = 0, end = Infinity } = options.range ?? {};
    return this.#objects.get(name)?.slice(Math.max(0, start), Math.max(0, end));
  }

  async *list(prefix: string, options: { readonly signal?: AbortSignal } = {}): AsyncIterable<ArtifactInfo> {
    this.#begin(undefined, options.signal);
    const names = [...this.#objects.keys()].filter((name) => name.startsWith(prefix)).sort();
    for (const name of names) {
      const bytes = this.#objects.get(name)?.length;
      if (bytes !== undefined) yield { name, bytes };
      this.#begin(undefined, options.signal);
    }
  }

  async remove(name: string): Promise<void> {
    this.#begin(name, undefined);
    this.#objects.delete(name);
  }

  close(): void {
    this.#isOpen = false;
  }

  #begin(name: string | undefined, signal: AbortSignal | undefined): void {
    if (!this.#isOpen) throw closed('artifact store');
    throwIfAborted(signal, 'artifact store');
    if (name !== undefined && !NAME.test(name)) {
      throw new MilongaError(
        'MILONGA_ARTIFACT_NAME_INVALID',
        `"${name.slice(0, 100)}" is not a name for an artifact: it must be a relative path of letters, digits, ".", "_", "=" and "-", without empty parts or "..".`,
      );
    }
  }
}
