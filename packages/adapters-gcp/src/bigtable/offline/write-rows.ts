import type { protos } from '@google-cloud/bigtable';
import { MilongaError } from '@milonga/core';
import { type Backoff, delayAfter, pauseFor } from '../../grpc/backoff.ts';
import { aborted, GRPC, isTransient, portError } from '../../grpc/failures.ts';
import { inParallel } from '../../grpc/in-parallel.ts';
import { ONE_STREAM } from '../../grpc/retrying.ts';
import type { BigtableConnection } from '../client/bigtable-connection.ts';
import type { RowStep } from './mutation-plan.ts';
import type { KnownTable } from './tables.ts';

/** How steps are written. */
export interface WriteOptions {
  readonly concurrency: number;
  readonly retryTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** A step that could not be written, and why. */
export type FailedSteps = Map<RowStep, MilongaError>;

const BACKOFF: Backoff = { firstMs: 20, longestMs: 500 };
/** Requests are cut so that a few are on their way side by side and none is near the limits of Bigtable. */
const LARGEST = { rows: 1_000, mutations: 50_000, bytes: 4 * 1024 * 1024 };
const WHAT = 'mutateRows';

/** Writes steps of different rows in bulk. Those that fail for a while are written again, and only those. */
export async function writeRows(
  connection: BigtableConnection,
  table: KnownTable,
  steps: readonly RowStep[],
  options: WriteOptions,
): Promise<FailedSteps> {
  const failed: FailedSteps = new Map();
  await inParallel(cut(steps), Math.min(8, options.concurrency), async (some) => {
    for (const [step, error] of await writeSome(connection, table, some, options)) failed.set(step, error);
  });
  return failed;
}

function cut(steps: readonly RowStep[]): readonly (readonly RowStep[])[] {
  const parts: RowStep[][] = [];
  let size = { rows: 0, mutations: 0, bytes: 0 };
  for (const step of steps) {
    const next = {
      rows: size.rows + 1,
      mutations: size.mutations + step.mutations.length,
      bytes: size.bytes + step.bytes,
    };
    const isFull = next.rows > LARGEST.rows || next.mutations > LARGEST.mutations || next.bytes > LARGEST.bytes;
    if (parts.length === 0 || isFull) {
      parts.push([step]);
      size = { rows: 1, mutations: step.mutations.length, bytes: step.bytes };
    } else {
      parts.at(-1)!.push(step);
      size = next;
    }
  }
  return parts;
}

async function writeSome(
  connection: BigtableConnection,
  table: KnownTable,
  steps: readonly RowStep[],
  options: WriteOptions,
): Promise<FailedSteps> {
  const endsAt = performance.now() + options.retryTimeoutMs;
  const failed: FailedSteps = new Map();
  let left = steps;
  for (let attempt = 1; left.length > 0; attempt += 1) {
    const errors = await writeOnce(connection, table, left, options.signal);
    if (options.signal?.aborted) throw aborted(WHAT, options.signal);
    const delayMs = delayAfter(attempt, BACKOFF);
    const isOver = performance.now() + delayMs > endsAt;
    left = left.filter((step) => {
      const error = errors.get(step);
      if (error === undefined) return false;
      if (!isOver && mayPass(error)) return true;
      failed.set(step, portError('MILONGA_OFFLINE_STORE_UNAVAILABLE', WHAT, error, mayPass(error)));
      return false;
    });
    if (left.length > 0) await pauseFor(delayMs, options.signal);
  }
  return failed;
}

/** What Bigtable said of one row. Of these codes alone it means: try again. */
class RowRefusal extends Error {
  readonly code: number;
  readonly isTransient: boolean;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
    this.isTransient = code === GRPC.deadlineExceeded || code === GRPC.aborted || code === GRPC.unavailable;
  }
}

const mayPass = (error: unknown): boolean => (error instanceof RowRefusal ? error.isTransient : isTransient(error));

/** One request. The steps that Bigtable did not confirm, each with its error. */
async function writeOnce(
  { data, routing }: BigtableConnection,
  table: KnownTable,
  steps: readonly RowStep[],
  signal: AbortSignal | undefined,
): Promise<Map<RowStep, unknown>> {
  const unconfirmed = new Map<RowStep, unknown>(steps.map((step) => [step, silent()]));
  const entries = steps.map(({ key, mutations }) => ({ rowKey: key, mutations }));
  const stream = data.mutateRows({ tableName: table.path, entries, ...routing }, { ...ONE_STREAM });
  const cancel = (): void => void stream.destroy(aborted(WHAT, signal));
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    for await (const response of stream as AsyncIterable<protos.google.bigtable.v2.IMutateRowsResponse>) {
      for (const { index, status } of response.entries ?? []) {
        const step = steps[Number(String(index ?? 0))];
        if (step === undefined) continue;
        const code = status?.code ?? 0;
        if (code === 0) unconfirmed.delete(step);
        else unconfirmed.set(step, new RowRefusal(code, status?.message ?? `status ${code}`));
      }
    }
  } catch (error) {
    for (const step of unconfirmed.keys()) unconfirmed.set(step, error);
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
  return unconfirmed;
}

const silent = (): MilongaError =>
  new MilongaError('MILONGA_OFFLINE_STORE_UNAVAILABLE', 'Bigtable ended the call without a word on this row.', {
    isRetryable: true,
  });
