import { testLake } from '@milonga/testing/conformance';
import { describe } from 'vitest';
import { requireService } from '../../../../services/test-services.ts';
import { BigQueryLake } from './lake/bigquery-lake.ts';

process.env.METADATA_SERVER_DETECTION ??= 'none'; // the SDK would look for the metadata server of a cloud machine
const address = await requireService('bigquery');

describe.skipIf(address === undefined)('bigquery', () => {
  const dataset = `conformance_${process.pid}_${Date.now()}`;
  const open = (): Promise<BigQueryLake> =>
    BigQueryLake.open({ dataset, clientOptions: { projectId: 'test', apiEndpoint: address!.endpoint } });
  testLake('bigquery', {
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
  });
});
