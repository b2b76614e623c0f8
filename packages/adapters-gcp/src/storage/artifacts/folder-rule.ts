import { artifactFoldersOf, artifactNameTaken } from '@milonga/core';
import { inParallel } from '../../grpc/in-parallel.ts';
import type { Attempts } from './attempts.ts';
import type { Objects } from './objects.ts';

/** Folders of one name that are looked for side by side. */
const LOOKUPS_AT_ONCE = 16;
const MOST_KNOWN = 10_000;

/**
 * No artifact is the folder of another, though to Cloud Storage `a` and `a/b` are names like any others. A put looks
 * before it uploads, so that a taken name is refused and never seen; and again when it has, as of two that raced none
 * saw the other: each that sees one then takes its own object back.
 */
export class FolderRule {
  readonly #objects: Objects;
  /** Folders that had artifacts in them, to spare the first look; the second trusts nobody. */
  readonly #known = new Set<string>();

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  /** @throws MilongaError `MILONGA_ARTIFACT_NAME_INVALID` when an artifact is a folder of this one, or lies below it. */
  async refuseTaken(name: string, attempts: Attempts): Promise<void> {
    const unknown = artifactFoldersOf(name).filter((folder) => !this.#known.has(folder));
    const other = await this.#conflict(name, unknown, attempts);
    if (other !== undefined) throw artifactNameTaken(name, other);
  }

  /** @throws MilongaError `MILONGA_ARTIFACT_NAME_INVALID` when the same shows now, and this version is removed again. */
  async withdrawIfTaken(name: string, generation: string, attempts: Attempts): Promise<void> {
    const folders = artifactFoldersOf(name);
    const other = await this.#conflict(name, folders, attempts);
    if (other === undefined) return this.#remember(folders);
    this.#known.clear();
    await this.#objects.remove(name, generation, attempts);
    throw artifactNameTaken(name, other);
  }

  async #conflict(name: string, folders: readonly string[], attempts: Attempts): Promise<string | undefined> {
    const [below, above] = await Promise.all([
      this.#objects.firstBelow(name, attempts),
      inParallel(folders, LOOKUPS_AT_ONCE, async (folder) => {
        const state = await this.#objects.state(folder, attempts);
        return state === undefined ? undefined : folder;
      }),
    ]);
    return below ?? above.find((folder) => folder !== undefined);
  }

  #remember(folders: readonly string[]): void {
    if (this.#known.size + folders.length > MOST_KNOWN) this.#known.clear();
    for (const folder of folders) this.#known.add(folder);
  }
}
