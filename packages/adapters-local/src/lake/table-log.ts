import { join } from 'node:path';
import type { Durability } from '../environment/environment.ts';
import { corrupt } from '../environment/storage-errors.ts';
import { publishFile } from '../files/publish-file.ts';
import { type LogEntry, serialise } from './log-entry.ts';
import { LogFolder } from './log-folder.ts';
import { PendingFiles } from './pending-files.ts';
import { TableState } from './table-state.ts';

/** Entries between two checkpoints. */
const CHECKPOINT_EVERY = 64;

/** Where and how a table keeps its log. */
export interface TableLogOptions {
  /** Directory of the lake. */
  readonly root: string;
  readonly durability: Durability;
  /** Entries stay at least this long after a checkpoint that holds them too, for processes that lag behind. */
  readonly keepMs: number;
}

/**
 * The log of a table: numbered entries, each put in place only if its number is free. An entry is the one step by which
 * a batch, however many files and hours it has, becomes visible; whoever loses the race for a number reads what came
 * first and tries again.
 */
export class TableLog {
  readonly state: TableState;
  /** The folder of the table. */
  readonly path: string;
  readonly pending: PendingFiles = new PendingFiles();
  readonly #folder: LogFolder;
  readonly #options: TableLogOptions;
  /** In real time, which goes on while a machine sleeps. */
  #refreshedAt: number;

  private constructor(name: string, options: TableLogOptions) {
    this.path = join(options.root, name);
    this.state = new TableState(name);
    this.#folder = new LogFolder(join(this.path, 'log'));
    this.#options = options;
    this.#refreshedAt = Date.now();
  }

  /** Opens the log of a table, which may not exist yet. Entries that a power cut tore are set aside. */
  static open(name: string, options: TableLogOptions): TableLog {
    const log = new TableLog(name, options);
    log.#mend();
    log.#load();
    return log;
  }

  /** Reads the entries that others wrote since. Costs one failed attempt to open a file when there are none. */
  refresh(): TableState {
    const now = Date.now();
    // An entry is purged `keepMs` after it was written at the earliest: who looked later than that cannot have missed one.
    if (Math.abs(now - this.#refreshedAt) > this.#options.keepMs / 2) this.#catchUp();
    this.#readOn();
    this.#refreshedAt = now;
    return this.state;
  }

  /**
   * Commits what `make` makes of the newest state; it is asked again whenever somebody else was first. Nothing is
   * committed when it gives `undefined`. Returns the version of the entry.
   */
  async commit(
    make: (state: TableState) => LogEntry | undefined | Promise<LogEntry | undefined>,
  ): Promise<number | undefined> {
    for (;;) {
      const lookedAt = Date.now();
      const version = this.refresh().version + 1;
      const entry = await make(this.state);
      if (entry === undefined) return undefined;
      const path = this.#folder.entryPath(version);
      const isFirst = await publishFile(this.#options.root, path, serialise(entry), this.#options.durability);
      if (!isFirst || this.#isLongPast(version, lookedAt)) continue;
      this.refresh();
      if (version % CHECKPOINT_EVERY === 0) await this.#checkpoint(version);
      return version;
    }
  }

  /**
   * True when this process slept so long that others had gone on from `version` and purged its entry: the number was free
   * again, but nobody reads it. The entry that was put there is taken back.
   */
  #isLongPast(version: number, lookedAt: number): boolean {
    if (Math.abs(Date.now() - lookedAt) < this.#options.keepMs / 2) return false;
    if ((this.#folder.list().checkpoints.at(-1) ?? 0) < version) return false;
    this.#folder.remove(version);
    this.#catchUp();
    return true;
  }

  #readOn(): void {
    const next = (): LogEntry | undefined => this.#folder.read(this.state.version + 1);
    for (let entry = next(); entry !== undefined; entry = next()) {
      this.state.apply(entry);
      if (entry.kind === 'sweep') this.pending.sweep(entry.paths);
    }
  }

  /** Takes back entries at the end of the log that were torn by a power cut, or whose files were. */
  #mend(): void {
    for (let last = this.#folder.list().entries.at(-1); last !== undefined; last = this.#folder.list().entries.at(-1)) {
      if (this.#folder.isWhole(last, this.path)) return;
      if (this.#folder.list().entries.at(-1) === last) this.#folder.setAside(last); // else it was the last no longer
    }
  }

  /** Reads a checkpoint and what came after it; anew when entries were purged under way. */
  #load(): void {
    for (let attempt = 1; ; attempt += 1) {
      const { entries, checkpoints } = this.#folder.list();
      const checkpoint = checkpoints
        .toReversed()
        .map((version) => this.#folder.readCheckpoint(version))
        .find((found) => found !== undefined);
      if (checkpoint !== undefined) this.state.restore(checkpoint);
      const last = entries.at(-1) ?? 0;
      this.#readOn();
      if (this.state.version >= last) return;
      if (attempt === 3)
        throw corrupt(
          this.#folder.entryPath(this.state.version + 1),
          'it is missing, although later entries are there',
        );
    }
  }

  /** After a long pause, entries may be gone that this process has not read; a checkpoint has them. */
  #catchUp(): void {
    const newest = this.#folder.list().checkpoints.at(-1) ?? 0;
    const checkpoint = newest > this.state.version ? this.#folder.readCheckpoint(newest) : undefined;
    if (checkpoint === undefined) return;
    this.state.restore(checkpoint);
    this.pending.sweepAll();
  }

  async #checkpoint(version: number): Promise<void> {
    const { root, durability, keepMs } = this.#options;
    const checkpoint = this.state.toCheckpoint();
    try {
      await publishFile(root, this.#folder.checkpointPath(checkpoint.version), serialise(checkpoint), durability);
      this.#folder.purge(version - CHECKPOINT_EVERY, Date.now() - keepMs);
    } catch {
      // The entry is committed, and the log is whole without a checkpoint; the next one comes soon.
    }
  }
}
