import type * as Sdk from '@google-cloud/bigtable';
import { sdkLoader } from '@milonga/core/app';

/** Loads the SDK when it is needed first, and says what to install where it is not there. */
export const loadBigtable: () => Promise<typeof Sdk> = sdkLoader({
  adapter: 'Bigtable',
  package: '@google-cloud/bigtable',
  major: 7,
  load: () => import('@google-cloud/bigtable'),
});
