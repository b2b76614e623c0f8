import type * as Sdk from '@google-cloud/pubsub';
import { sdkLoader } from '@milonga/core/app';

/** Loads the SDK when it is needed first, and says what to install where it is not there. */
export const loadPubSub: () => Promise<typeof Sdk> = sdkLoader({
  adapter: 'Pub/Sub',
  package: '@google-cloud/pubsub',
  major: 6,
  load: () => import('@google-cloud/pubsub'),
});
