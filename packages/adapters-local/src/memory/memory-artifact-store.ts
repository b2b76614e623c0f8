import {
  type ArtifactInfo,
  type ArtifactStore,
  artifactNameTaken,
  checkArtifactName,
  throwIfAborted,
} from '@milonga/core';
import { closed } from '../environment/storage-errors.ts';

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
    const others = [...this.#objects.keys()];
    if (others.some((other) => other.startsWith(`${name}/`) || name.startsWith(`${other}/`)))
      throw artifactNameTaken(name);
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

  async *list(prefix: string, options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<ArtifactInfo> {
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
    throwIfAborted(signal, 'The artifact store');
    if (name !== undefined) checkArtifactName(name);
  }
}
