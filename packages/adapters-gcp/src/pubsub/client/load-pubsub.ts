import type * as Sdk from '@google-cloud/pubsub';
import { MilongaError } from '@milonga/core';

let loaded: Promise<typeof Sdk> | undefined;

/** Loads the SDK when it is needed first, and says what to install where it is not there. */
export function loadPubSub(): Promise<typeof Sdk> {
  loaded ??= import('@google-cloud/pubsub').catch((error: unknown) => {
    loaded = undefined;
    throw new MilongaError(
      'MILONGA_WIRING_CREATE_FAILED',
      'The Pub/Sub adapter needs the package "@google-cloud/pubsub", which could not be loaded. Install it: npm install @google-cloud/pubsub@6',
      { cause: error },
    );
  });
  return loaded;
}
