import { testLake } from '@milonga/testing/conformance';
import { describe } from 'vitest';
import { requireService } from '../../../../services/test-services.ts';
import { onBigQuery } from '../../test-support/bigquery-stand-in.ts';

const address = await requireService('bigquery');

describe.skipIf(address === undefined)('with faulty calls', () => {
  testLake('bigquery under faults', { ...onBigQuery(address?.endpoint ?? ''), chaos: { rounds: 30 } });
});
