import { Lake } from '@milonga/core';
import { type Adapter, defineAdapter, provide } from '@milonga/core/app';
import type { BigQueryAdapterOptions } from './bigquery-options.ts';
import { BigQueryLake } from './lake/bigquery-lake.ts';

/**
 * The lake on BigQuery: every raw event in tables partitioned by day, appended exactly once, under BigQuery's SQL.
 *
 * @throws MilongaError `MILONGA_WIRING_CREATE_FAILED` when created where `@google-cloud/bigquery` is not installed.
 * @example
 * ```ts
 * await using app = createApp([local({ dir: '.milonga' }), bigquery({ dataset: 'recommender' })]);
 * const { lake } = await app.resolve({ lake: Lake });
 * ```
 */
export function bigquery(options: BigQueryAdapterOptions): Adapter {
  return defineAdapter('bigquery', [
    provide(Lake, {
      create: () => BigQueryLake.open(options),
      dispose: (lake) => (lake as BigQueryLake).close(),
    }),
  ]);
}
