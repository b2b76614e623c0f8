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
  testLake('bigquery', { create: open, another: open, close: (lake) => (lake as BigQueryLake).close(), hasFiles: false });
});
