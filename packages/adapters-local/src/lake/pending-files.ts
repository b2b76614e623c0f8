/** A file that was written, or is being written, for a commit to come. */
export interface PendingFile {
  /** True once another process has taken it for an orphan. */
  isSwept: boolean;
  readonly done: () => void;
}

/** Files that this process has under way in one table. */
export class PendingFiles {
  readonly #files = new Map<string, PendingFile>();

  /** Says that a file is being written; call `done` when it is committed or given up. */
  announce(path: string): PendingFile {
    const pending: PendingFile = { isSwept: false, done: () => void this.#files.delete(path) };
    this.#files.set(path, pending);
    return pending;
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  /** The log says that these were taken for orphans. */
  sweep(paths: readonly string[]): void {
    for (const path of paths) {
      const pending = this.#files.get(path);
      if (pending !== undefined) pending.isSwept = true;
    }
  }

  /** A part of the log was missed: each may have been taken for an orphan, and must be written again. */
  sweepAll(): void {
    this.sweep([...this.#files.keys()]);
  }
}
