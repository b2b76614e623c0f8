export { bigquery } from './bigquery-adapter.ts';
export type { BigQueryAdapterOptions } from './bigquery-options.ts';
