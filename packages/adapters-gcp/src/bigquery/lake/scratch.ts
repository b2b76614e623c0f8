import { randomUUID } from 'node:crypto';
import type { ErrorCode, Frame } from '@milonga/core';
import type { BigQueryConnection } from '../client/bigquery-connection.ts';
import { type Jobs, newJobId, type TableReference } from '../client/jobs.ts';
import { rowsAsJson } from './rows-json.ts';
import { looseFields } from './table-schema.ts';

/** BigQuery removes what a process that died has left. */
const KEEP_MS = 3_600_000 * 6;

/** A frame as a table of its own, for as long as it is needed. */
export interface ScratchTable {
  readonly reference: TableReference;
  drop(): void;
}

/** Loads a frame into a table of its own. The name has a "-", which no table of the lake has. */
export async function scratchTable(
  connection: BigQueryConnection,
  jobs: Jobs,
  what: string,
  rows: Frame,
  code: ErrorCode,
  signal: AbortSignal,
): Promise<ScratchTable> {
  const datasetId = connection.options.dataset;
  const tableReference = { projectId: connection.project, datasetId, tableId: `milonga-scratch-${randomUUID()}` };
  const path = `/datasets/${datasetId}/tables`;
  const drop = (): void => {
    const request = { method: 'DELETE', path: `${path}/${tableReference.tableId}` } as const;
    connection.ask(request, AbortSignal.timeout(30_000)).catch(() => undefined); // it expires
  };
  const bytes = rows.length === 0 ? undefined : await rowsAsJson(what, rows, code, signal);
  const schema = { fields: looseFields(rows.layout.schema) };
  const json = { tableReference, schema, expirationTime: String(Date.now() + KEEP_MS) };
  await connection.ask({ method: 'POST', path, json }, signal).catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== 409) throw error;
  });
  try {
    if (bytes !== undefined) {
      const load = {
        destinationTable: tableReference,
        sourceFormat: 'NEWLINE_DELIMITED_JSON',
        writeDisposition: 'WRITE_TRUNCATE',
        schema,
      };
      await jobs.finish(await jobs.beginLoad(newJobId('load'), load, bytes, signal), signal);
    }
    return { reference: tableReference, drop };
  } catch (error) {
    drop();
    throw error;
  }
}

/** A table's name for SQL that runs without a default dataset. */
export const wholeName = ({ projectId, datasetId, tableId }: TableReference): string =>
  `\`${projectId}.${datasetId}.${tableId}\``;
