import { throwIfAborted } from '@milonga/core';
import { duckDialect } from '../duckdb/duck-dialect.ts';
import { uniqueName } from '../files/publish-file.ts';
import { type CompactionJob, nextJob, type PlanLimits, type SplitOutput, splitOutputs } from './compaction-plan.ts';
import type { LakeFiles } from './lake-files.ts';
import type { FileRecord } from './log-entry.ts';
import type { PendingFile } from './pending-files.ts';
import { folderOf, HOUR_MS } from './period.ts';
import type { TableLog } from './table-log.ts';
import { tableSource } from './table-source.ts';
import type { TableState } from './table-state.ts';

/**
 * Does what is worth doing, job by job. Each job writes new files beside the old ones and then replaces them in one step
 * of the log, so that readers see each row exactly once. Old files stay for those who still read them.
 */
export async function compactTable(
  log: TableLog,
  files: LakeFiles,
  limits: PlanLimits,
  signal?: AbortSignal,
): Promise<void> {
  for (
    let job = nextJob(log.refresh().files.values(), limits);
    job !== undefined;
    job = nextJob(log.refresh().files.values(), limits)
  ) {
    throwIfAborted(signal, 'A compaction');
    const isDone = await runJob(log, files, job, limits, signal);
    if (!isDone) return; // another compactor is at work
  }
}

async function runJob(
  log: TableLog,
  files: LakeFiles,
  job: CompactionJob,
  limits: PlanLimits,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const source = tableSource(log.path, log.state.columns, job.inputs, 'stored');
  const outputs = job.kind === 'merge' ? mergeOutput(job) : await findOutputs(log.state, files, source, limits, signal);
  const written: { readonly file: FileRecord; readonly pending: PendingFile }[] = [];
  let version: number | undefined;
  try {
    for (const output of outputs) written.push(await writeOutput(log, files, source, output, signal));
    version = await log.commit((state) => {
      if (!job.inputs.every(({ path }) => state.files.has(path)) || written.some(({ pending }) => pending.isSwept))
        return undefined;
      return {
        kind: 'replace',
        remove: job.inputs.map(({ path }) => path),
        files: written.map(({ file }) => file),
        at: Date.now(),
      };
    });
  } finally {
    for (const { file, pending } of written) {
      pending.done();
      if (version === undefined && !log.state.files.has(file.path))
        await files.remove(files.pathOf(log.state.name, file.path));
    }
  }
  return version !== undefined;
}

/** A merge keeps the partition that its files have in common. */
function mergeOutput({ inputs }: CompactionJob): readonly SplitOutput[] {
  const period = inputs[0]?.period;
  return [
    {
      period: period === undefined ? undefined : { ...period, end: Infinity },
      rows: inputs.reduce((sum, { rows }) => sum + rows, 0),
      from: Math.min(...inputs.map(({ from }) => from)),
      to: Math.max(...inputs.map(({ to }) => to)),
    },
  ];
}

/** Counts the rows of a split by hour, and decides where they go. */
async function findOutputs(
  state: TableState,
  files: LakeFiles,
  source: string,
  limits: PlanLimits,
  signal: AbortSignal | undefined,
): Promise<readonly SplitOutput[]> {
  const at = duckDialect.unixMs(duckDialect.identifier(state.partitionBy));
  const sql = `SELECT count(*), min(${at}), max(${at}) FROM (${source}) GROUP BY ${duckDialect.floorDivide(at, String(HOUR_MS))} ORDER BY 2`;
  const hours = await files.engine.write((session) => session.rows(sql, signal), signal);
  const counts = hours.map(([rows, from, to]) => ({ rows: Number(rows), from: Number(from), to: Number(to) }));
  return splitOutputs(counts, state.files.values(), limits);
}

async function writeOutput(
  log: TableLog,
  files: LakeFiles,
  source: string,
  output: SplitOutput,
  signal: AbortSignal | undefined,
): Promise<{ readonly file: FileRecord; readonly pending: PendingFile }> {
  const { name, partitionBy, columns } = log.state;
  const { period, rows, from, to } = output;
  const path = `${period === undefined ? 'fresh' : folderOf(period)}/${uniqueName()}.parquet`;
  const column = duckDialect.identifier(partitionBy);
  const between = `${column} BETWEEN ${duckDialect.timestamp(String(from))} AND ${duckDialect.timestamp(String(to))}`;
  const pending = log.pending.announce(path);
  try {
    const bytes = await files.write(
      `SELECT * FROM (${source}) WHERE ${between} ORDER BY ${column}`,
      files.pathOf(name, path),
      rows,
      signal,
    );
    const place = period === undefined ? {} : { period: { unit: period.unit, start: period.start } };
    return { file: { path, rows, bytes, from, to, columns: columns.length, ...place }, pending };
  } catch (error) {
    pending.done();
    throw error;
  }
}
