import type { LoadedModel, ModelManifest } from '@milonga/core';

/** A loaded version that counts who uses it, so that it is disposed of after the last call, never under one. */
export class HostedVersion {
  readonly manifest: ModelManifest;
  readonly loaded: LoadedModel;
  readonly #onDisposeFailed: (error: unknown) => void;
  #users = 0;
  #state: 'serving' | 'retired' | 'disposed' = 'serving';

  /** @param onDisposeFailed Told when the memory could not be given back: no caller's business. Default: nobody is told. */
  constructor(manifest: ModelManifest, loaded: LoadedModel, onDisposeFailed: (error: unknown) => void = () => {}) {
    this.manifest = manifest;
    this.loaded = loaded;
    this.#onDisposeFailed = onDisposeFailed;
  }

  get version(): string {
    return this.manifest.version;
  }

  /** True when its memory was given back: nobody may use it any more. */
  get isDisposed(): boolean {
    return this.#state === 'disposed';
  }

  /** Runs `call` with the model; the model stays in memory until it has ended. Not to be called when disposed of. */
  async use<T>(call: (loaded: LoadedModel) => T | Promise<T>): Promise<T> {
    this.#users += 1;
    try {
      return await call(this.loaded);
    } finally {
      this.#users -= 1;
      this.#disposeIfIdle();
    }
  }

  /** Takes no new callers (the host stops handing it out) and gives its memory back when the last one has ended. */
  retire(): void {
    if (this.#state === 'serving') this.#state = 'retired';
    this.#disposeIfIdle();
  }

  #disposeIfIdle(): void {
    if (this.#state !== 'retired' || this.#users > 0) return;
    this.#state = 'disposed';
    try {
      this.loaded.dispose();
    } catch (error) {
      this.#onDisposeFailed(error);
    }
  }
}
