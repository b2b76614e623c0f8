import type * as Sdk from '@google-cloud/storage';
import { sdkLoader } from '@milonga/core/app';

/** Loads the SDK when it is needed first, and says what to install where it is not there. */
export const loadStorage: () => Promise<typeof Sdk> = sdkLoader({
  adapter: 'Cloud Storage',
  package: '@google-cloud/storage',
  major: 8,
  load: () => import('@google-cloud/storage'),
});
