import type { MutationOutcome } from '@milonga/core';
import { aborted, portError } from '../../grpc/failures.ts';
import type { BigtableConnection } from '../client/bigtable-connection.ts';
import type { Mutation, RowStep } from './mutation-plan.ts';
import { conditionFilter } from './row-filter.ts';
import type { KnownTable } from './tables.ts';

const WHAT = 'A conditional mutation';
/** Within it nothing can lie: the greatest times that Bigtable keeps, a million years from now. */
const NO_TIME = { startTimestampMicros: '9223372036854774000', endTimestampMicros: '9223372036854775000' };

/**
 * Changes a row on a condition. It is tried once: when the connection breaks nobody knows whether it was applied, and a second
 * attempt would find its own change and report it as rejected.
 */
export async function checkRow(
  { data, routing }: BigtableConnection,
  table: KnownTable,
  step: RowStep,
  now: number,
  signal: AbortSignal | undefined,
): Promise<MutationOutcome> {
  const onlyIf = step.onlyIf!;
  const { family, qualifier } = onlyIf;
  const none: Mutation = {
    deleteFromColumn: { familyName: family, columnQualifier: qualifier, timeRange: NO_TIME },
  };
  const mutations = step.mutations.length === 0 ? [none] : step.mutations;
  const wantsCell = onlyIf.equals !== undefined;
  const call = data.checkAndMutateRow({
    tableName: table.path,
    rowKey: step.key,
    predicateFilter: conditionFilter(onlyIf, table.ttlMs.get(family), now),
    ...(wantsCell ? { trueMutations: mutations } : { falseMutations: mutations }),
    ...routing,
  });
  const cancelled = Promise.withResolvers<never>();
  const cancel = (): void => cancelled.reject(aborted(WHAT, signal));
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    const [{ predicateMatched }] = await Promise.race([call, cancelled.promise]);
    return { status: (predicateMatched ?? false) === wantsCell ? 'applied' : 'rejected' };
  } catch (cause) {
    if (signal?.aborted) throw aborted(WHAT, signal);
    const error = portError('MILONGA_OFFLINE_STORE_UNAVAILABLE', WHAT, cause);
    return { status: 'failed', error, isRetryable: error.isRetryable };
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}
