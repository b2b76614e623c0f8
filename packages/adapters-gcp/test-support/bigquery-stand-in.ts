import type { LakeConformance } from '@milonga/testing/conformance';
import { BigQueryLake } from '../src/bigquery/lake/bigquery-lake.ts';

process.env.METADATA_SERVER_DETECTION ??= 'none'; // the SDK would look for the metadata server of a cloud machine

let datasets = 0;

/** The suite's options for BigQuery, and for a stand-in at this endpoint; each call has a dataset of its own. */
export function onBigQuery(endpoint: string): LakeConformance {
  const dataset = `conformance_${process.pid}_${Date.now()}_${datasets++}`;
  const open = (): Promise<BigQueryLake> =>
    BigQueryLake.open({ dataset, clientOptions: { projectId: 'test', apiEndpoint: endpoint } });
  return {
    create: open,
    another: open,
    close: (lake) => (lake as BigQueryLake).close(),
    hasFiles: false,
    hasNullLists: false,
    moments: { least: Date.parse('0001-01-01T00:00:00Z'), most: Date.parse('9999-12-31T23:59:59.999Z') },
    // Of these the stand-in does nothing, and the real service all.
    isolatesClients: false,
    endsCancelledQueries: false,
    tellsPlaces: false,
    refusesSameNames: false,
  };
}
