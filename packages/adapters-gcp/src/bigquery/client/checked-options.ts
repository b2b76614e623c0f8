import { MilongaError } from '@milonga/core';
import type { BigQueryAdapterOptions } from '../bigquery-options.ts';

type Defaults =
  | 'createDataset'
  | 'partitionBy'
  | 'retryTimeoutMs'
  | 'requestTimeoutMs'
  | 'jobTimeoutMs'
  | 'concurrency'
  | 'rowsPerPage';

/** The options with their defaults. */
export type CheckedOptions = BigQueryAdapterOptions & Required<Pick<BigQueryAdapterOptions, Defaults>>;

const DEFAULTS = {
  createDataset: true,
  partitionBy: 'DAY',
  retryTimeoutMs: 30_000,
  requestTimeoutMs: 30_000,
  jobTimeoutMs: 600_000,
  concurrency: 32,
  rowsPerPage: 8_192,
} as const satisfies Required<Pick<BigQueryAdapterOptions, Defaults>>;

/** @throws MilongaError `MILONGA_WIRING_CREATE_FAILED` for what cannot work. */
export function checkedOptions(options: BigQueryAdapterOptions): CheckedOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const checked: CheckedOptions = { ...DEFAULTS, ...(given as unknown as BigQueryAdapterOptions) };
  const { dataset, partitionBy, retryTimeoutMs, requestTimeoutMs, jobTimeoutMs, concurrency, rowsPerPage } = checked;
  check('dataset', dataset, /^[A-Za-z0-9_]{1,1024}$/.test(dataset), 'letters, digits and "_"');
  check('partitionBy', partitionBy, ['HOUR', 'DAY', 'MONTH', 'YEAR'].includes(partitionBy), 'HOUR, DAY, MONTH or YEAR');
  for (const [name, value] of Object.entries({ retryTimeoutMs, requestTimeoutMs, jobTimeoutMs }))
    check(name, value, value > 0 && value < 2 ** 31, 'milliseconds above 0');
  for (const [name, value] of Object.entries({ concurrency, rowsPerPage }))
    check(name, value, Number.isInteger(value) && value > 0, 'a whole number above 0');
  const { clusterBy = [] } = checked;
  for (const columns of Array.isArray(clusterBy) ? [clusterBy] : Object.values(clusterBy))
    check('clusterBy', columns, columns.length <= 4, 'at most four columns');
  return checked;
}

function check(name: string, value: unknown, isGood: boolean, expected: string): void {
  if (isGood) return;
  const found = JSON.stringify(value);
  throw new MilongaError(
    'MILONGA_WIRING_CREATE_FAILED',
    `bigquery(): "${name}" must be ${expected}, and it is ${found}.`,
  );
}
