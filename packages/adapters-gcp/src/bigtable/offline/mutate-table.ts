import { type MilongaError, type MutationOutcome, type RowMutation, throwIfAborted } from '@milonga/core';
import { inParallel } from '../../grpc/in-parallel.ts';
import type { BigtableConnection } from '../client/bigtable-connection.ts';
import { checkRow } from './check-row.ts';
import { planMutations, type RowStep } from './mutation-plan.ts';
import type { KnownTable } from './tables.ts';
import { type WriteOptions, writeRows } from './write-rows.ts';

const APPLIED: MutationOutcome = Object.freeze({ status: 'applied' });

/** Applies a batch: what has no condition in bulk, what has one row by row, side by side; one row in the order of the batch. */
export async function mutateTable(
  connection: BigtableConnection,
  table: KnownTable,
  batch: readonly RowMutation[],
  options: WriteOptions & { readonly now: () => number },
): Promise<readonly MutationOutcome[]> {
  const { waves, refused } = planMutations(batch);
  const outcomes: MutationOutcome[] = new Array(batch.length);
  for (const [at, error] of refused) outcomes[at] = failure(error);
  /** Rows of which a step has failed: what follows must not be applied before it. */
  const stuck = new Map<string, MutationOutcome>();
  const settle = (step: RowStep, outcome: MutationOutcome): void => {
    if (outcome.status === 'failed') stuck.set(nameOf(step.key), outcome);
    for (const at of step.of) outcomes[at] = outcome;
  };
  for (const wave of waves) {
    throwIfAborted(options.signal, 'mutateRows');
    const steps = wave.filter((step) => {
      const outcome = stuck.get(nameOf(step.key));
      if (outcome !== undefined) settle(step, outcome);
      return outcome === undefined;
    });
    const blind = steps.filter(({ onlyIf }) => onlyIf === undefined);
    for (const step of blind) if (step.mutations.length === 0) settle(step, APPLIED);
    const written = blind.filter(({ mutations }) => mutations.length > 0);
    const failed = await writeRows(connection, table, written, options);
    for (const step of written) settle(step, failed.has(step) ? failure(failed.get(step)!) : APPLIED);
    const conditional = steps.filter(({ onlyIf }) => onlyIf !== undefined);
    await inParallel(conditional, options.concurrency, async (step) =>
      settle(step, await checkRow(connection, table, step, options.now(), options.signal)),
    );
  }
  return outcomes;
}

const failure = (error: MilongaError): MutationOutcome => ({ status: 'failed', error, isRetryable: error.isRetryable });
const nameOf = (key: Uint8Array): string => Buffer.from(key).toString('latin1');
