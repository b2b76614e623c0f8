import { testLake } from '@milonga/testing/conformance';
import { describe } from 'vitest';
import { requireService } from '../../../../services/test-services.ts';
import { onBigQuery } from '../../test-support/bigquery-stand-in.ts';

const address = await requireService('bigquery');

describe.skipIf(address === undefined)('on the stand-in', () => {
  testLake('bigquery', onBigQuery(address?.endpoint ?? ''));
});
