import type * as Sdk from '@google-cloud/bigquery';
import { MilongaError } from '@milonga/core';

let loaded: Promise<typeof Sdk> | undefined;

/** Loads the SDK when it is needed first, and says what to install where it is not there. */
export function loadBigQuery(): Promise<typeof Sdk> {
  loaded ??= import('@google-cloud/bigquery').catch((error: unknown) => {
    loaded = undefined;
    throw new MilongaError(
      'MILONGA_WIRING_CREATE_FAILED',
      'The BigQuery adapter needs the package "@google-cloud/bigquery", which could not be loaded. Install it: npm install @google-cloud/bigquery@9',
      { cause: error },
    );
  });
  return loaded;
}
