import type { Frame, LoadedModel, ModelManifest } from '@milonga/core';

/** A loaded version that counts who uses it, so that it is disposed of after the last call, never under one. */
export class HostedVersion {
  readonly manifest: ModelManifest;
  readonly loaded: LoadedModel;
  #users = 0;
  #isRetired = false;

  constructor(manifest: ModelManifest, loaded: LoadedModel) {
    this.manifest = manifest;
    this.loaded = loaded;
  }

  get version(): string {
    return this.manifest.version;
  }

  /** Runs `call` with the model; the model stays in memory until it has ended. */
  async use<T>(call: (loaded: LoadedModel) => T | Promise<T>): Promise<T> {
    this.#users += 1;
    try {
      return await call(this.loaded);
    } finally {
      this.#users -= 1;
      this.#disposeIfIdle();
    }
  }

  predict(rows: Frame): Promise<Readonly<Record<string, Float64Array>>> {
    return this.use((loaded) => loaded.predict(rows));
  }

  /** Takes no new callers (the host stops handing it out) and gives its memory back when the last one has ended. */
  retire(): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    this.#disposeIfIdle();
  }

  #disposeIfIdle(): void {
    if (this.#isRetired && this.#users === 0) {
      this.#users = Number.NEGATIVE_INFINITY; // once only
      this.loaded.dispose();
    }
  }
}
