import type { ArtifactInfo, ArtifactStore } from '../ports/artifact-store.ts';

/** Artifacts in a map, each call a turn of the event loop long, and counted: calls cost money elsewhere. */
export class ArtifactMap implements ArtifactStore {
  readonly objects: Map<string, Uint8Array> = new Map();
  readonly calls: { get: number; list: number; put: number } = { get: 0, list: 0, put: 0 };
  /** Throws instead of answering. */
  failure: Error | undefined;

  async putIfAbsent(name: string, bytes: Uint8Array): Promise<boolean> {
    this.calls.put += 1;
    await this.#turn();
    if (this.objects.has(name)) return false;
    this.objects.set(name, bytes.slice());
    return true;
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    this.calls.get += 1;
    await this.#turn();
    return this.objects.get(name)?.slice();
  }

  async *list(prefix: string): AsyncGenerator<ArtifactInfo> {
    this.calls.list += 1;
    await this.#turn();
    const names = [...this.objects.keys()].filter((name) => name.startsWith(prefix)).sort();
    for (const name of names) yield { name, bytes: this.objects.get(name)!.length };
  }

  async remove(name: string): Promise<void> {
    this.objects.delete(name);
  }

  text(name: string, text: string): void {
    this.objects.set(name, new TextEncoder().encode(text));
  }

  async #turn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.failure !== undefined) throw this.failure;
  }
}
