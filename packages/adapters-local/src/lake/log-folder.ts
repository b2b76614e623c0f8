import { closeSync, openSync, readdirSync, readFileSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { corrupt } from '../environment/storage-errors.ts';
import { type Checkpoint, type LogEntry, parseEntry } from './log-entry.ts';

const ENTRY = /^(\d{20})\.json$/;
const CHECKPOINT = /^(\d{20})\.checkpoint\.json$/;

const numbered = (version: number): string => String(version).padStart(20, '0');

/** The folder of a table's log: one file an entry, numbered from 1, and a checkpoint every now and then. */
export class LogFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  entryPath(version: number): string {
    return join(this.path, `${numbered(version)}.json`);
  }

  checkpointPath(version: number): string {
    return join(this.path, `${numbered(version)}.checkpoint.json`);
  }

  /** Versions that have an entry and those that have a checkpoint, ascending. */
  list(): { readonly entries: readonly number[]; readonly checkpoints: readonly number[] } {
    const names = namesIn(this.path);
    const versions = (pattern: RegExp): number[] =>
      names
        .flatMap((name) => pattern.exec(name)?.[1] ?? [])
        .map(Number)
        .sort((a, b) => a - b);
    return { entries: versions(ENTRY), checkpoints: versions(CHECKPOINT) };
  }

  /** An entry; `undefined` when there is none. @throws MilongaError `MILONGA_STORAGE_CORRUPT` when it is damaged. */
  read(version: number): LogEntry | undefined {
    const text = textOf(this.entryPath(version));
    if (text === undefined) return undefined;
    const entry = parseEntry(text);
    if (entry === undefined || entry.kind === 'checkpoint')
      throw corrupt(this.entryPath(version), 'it is cut off or not an entry of the log');
    return entry;
  }

  /** True when the entry can be read, and every file it adds is there in its full size. */
  isWhole(version: number, tableFolder: string): boolean {
    const entry = parseEntry(textOf(this.entryPath(version)) ?? '');
    if (entry === undefined) return false;
    return (
      !('files' in entry) ||
      entry.files.every(
        ({ path, bytes }) => statSync(join(tableFolder, path), { throwIfNoEntry: false })?.size === bytes,
      )
    );
  }

  /** A checkpoint; `undefined` when it is gone or damaged: an earlier one and the entries after it do as well. */
  readCheckpoint(version: number): Checkpoint | undefined {
    const entry = parseEntry(textOf(this.checkpointPath(version)) ?? '');
    return entry?.kind === 'checkpoint' ? entry : undefined;
  }

  /** Takes an entry out of the log, and keeps its text for whoever wants to know. */
  setAside(version: number): void {
    try {
      renameSync(this.entryPath(version), join(this.path, `lost-${numbered(version)}.json`));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  /** Removes an entry. */
  remove(version: number): void {
    removeQuietly(this.entryPath(version));
  }

  /** Removes entries and checkpoints before `version` that were written before `before`, Unix ms. */
  purge(version: number, before: number): void {
    const { entries, checkpoints } = this.list();
    const paths = [
      ...entries.filter((at) => at <= version).map((at) => this.entryPath(at)),
      ...checkpoints.filter((at) => at < version).map((at) => this.checkpointPath(at)),
    ];
    for (const path of paths) {
      const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {};
      if (mtimeMs !== undefined && mtimeMs < before) removeQuietly(path);
    }
  }
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The text of a file. Most calls ask for the entry after the newest, which is not there: opening it tells at once. */
function textOf(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
