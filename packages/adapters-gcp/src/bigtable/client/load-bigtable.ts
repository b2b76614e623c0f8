import type * as Sdk from '@google-cloud/bigtable';
import { MilongaError } from '@milonga/core';

let loaded: Promise<typeof Sdk> | undefined;

/** Loads the SDK when it is needed first, and says what to install where it is not there. */
export function loadBigtable(): Promise<typeof Sdk> {
  loaded ??= import('@google-cloud/bigtable').catch((error: unknown) => {
    loaded = undefined;
    throw new MilongaError(
      'MILONGA_WIRING_CREATE_FAILED',
      'The Bigtable adapter needs the package "@google-cloud/bigtable", which could not be loaded. Install it: npm install @google-cloud/bigtable@7',
      { cause: error },
    );
  });
  return loaded;
}
