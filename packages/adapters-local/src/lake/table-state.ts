import type { Fields } from '@milonga/core';
import { type ColumnRecord, fieldsOf } from './column-record.ts';
import type { Checkpoint, FileRecord, LogEntry } from './log-entry.ts';
import { OffsetCoverage } from './offset-coverage.ts';

/** What a table is after all entries of its log up to `version`. Changed by {@link apply} alone. */
export class TableState {
  readonly name: string;
  version = 0;
  partitionBy = '';
  columns: readonly ColumnRecord[] = [];
  fields: Fields = {};
  readonly files: Map<string, FileRecord> = new Map();
  /** Files that were replaced, and when, in real time. */
  readonly removed: Map<string, number> = new Map();
  coverage: OffsetCoverage = new OffsetCoverage();

  constructor(name: string) {
    this.name = name;
  }

  get exists(): boolean {
    return this.columns.length > 0;
  }

  /** Becomes what the next entry says. */
  apply(entry: LogEntry): void {
    this.version += 1;
    if (entry.kind === 'columns') this.#setColumns(entry.partitionBy, entry.columns);
    if (entry.kind === 'append') this.coverage.add(entry.ranges);
    if (entry.kind === 'append' || entry.kind === 'replace')
      for (const file of entry.files) this.files.set(file.path, file);
    if (entry.kind === 'replace') {
      for (const path of entry.remove) {
        this.files.delete(path);
        this.removed.set(path, entry.at);
      }
    }
    if (entry.kind === 'sweep') for (const path of entry.paths) this.removed.delete(path);
  }

  #setColumns(partitionBy: string, columns: readonly ColumnRecord[]): void {
    this.partitionBy = partitionBy;
    this.columns = columns;
    this.fields = fieldsOf(columns);
  }

  toCheckpoint(): Checkpoint {
    const { version, partitionBy, columns } = this;
    return {
      kind: 'checkpoint',
      version,
      partitionBy,
      columns,
      files: [...this.files.values()],
      removed: [...this.removed],
      ranges: this.coverage.toRanges(),
    };
  }

  /** Becomes what a checkpoint says. */
  restore(checkpoint: Checkpoint): void {
    this.version = checkpoint.version;
    this.#setColumns(checkpoint.partitionBy, checkpoint.columns);
    this.files.clear();
    for (const file of checkpoint.files) this.files.set(file.path, file);
    this.removed.clear();
    for (const [path, at] of checkpoint.removed) this.removed.set(path, at);
    this.coverage = new OffsetCoverage();
    this.coverage.add(checkpoint.ranges);
  }
}
