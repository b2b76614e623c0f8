import type * as Sdk from '@google-cloud/storage';
import { MilongaError } from '@milonga/core';

let loaded: Promise<typeof Sdk> | undefined;

/** Loads the SDK when it is needed first, and says what to install where it is not there. */
export function loadStorage(): Promise<typeof Sdk> {
  loaded ??= import('@google-cloud/storage').catch((error: unknown) => {
    loaded = undefined;
    throw new MilongaError(
      'MILONGA_WIRING_CREATE_FAILED',
      'The Cloud Storage adapter needs the package "@google-cloud/storage", which could not be loaded. Install it: npm install @google-cloud/storage@8',
      { cause: error },
    );
  });
  return loaded;
}
