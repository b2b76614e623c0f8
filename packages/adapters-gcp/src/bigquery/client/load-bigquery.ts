import type * as Sdk from '@google-cloud/bigquery';
import { sdkLoader } from '@milonga/core/app';

/** Loads the SDK when it is needed first, and says what to install where it is not there. */
export const loadBigQuery: () => Promise<typeof Sdk> = sdkLoader({
  adapter: 'BigQuery',
  package: '@google-cloud/bigquery',
  major: 9,
  load: () => import('@google-cloud/bigquery'),
});
