import type { protos } from '@google-cloud/bigtable';
import type { Cell, WideRow } from '@milonga/core';
import { type Backoff, delayAfter, pauseFor } from '../../grpc/backoff.ts';
import { aborted, isTransient, portError } from '../../grpc/failures.ts';
import { ONE_STREAM } from '../../grpc/retrying.ts';
import type { BigtableConnection } from '../client/bigtable-connection.ts';
import { RowAssembler } from './row-assembler.ts';

type ReadRowsRequest = protos.google.bigtable.v2.IReadRowsRequest;
type ReadRowsResponse = protos.google.bigtable.v2.IReadRowsResponse;

/** A stream of rows to read. */
export interface ReadPlan {
  /** What is left to ask for after this row, or from the start; `undefined` for nothing. */
  readonly remaining: (lastKey: Uint8Array | undefined) => ReadRowsRequest | undefined;
  readonly isAlive: (cell: Cell) => boolean;
  readonly signal: AbortSignal | undefined;
  /** How long it goes on without any progress while Bigtable is away. */
  readonly retryTimeoutMs: number;
  readonly what: string;
}

const BACKOFF: Backoff = { firstMs: 20, longestMs: 500 };

/** Rows as they come. A stream that breaks is resumed after the last row that was complete. */
export async function* readStream(connection: BigtableConnection, plan: ReadPlan): AsyncGenerator<WideRow[]> {
  const assembler = new RowAssembler(plan.isAlive);
  let failingSince: number | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const request = plan.remaining(assembler.lastKey);
    if (request === undefined) return;
    const keyBefore = assembler.lastKey;
    try {
      yield* oneStream(connection, request, assembler, plan);
      return;
    } catch (error) {
      if (plan.signal?.aborted) throw aborted(plan.what, plan.signal);
      if (assembler.lastKey !== keyBefore) {
        attempt = 1;
        failingSince = undefined;
      }
      failingSince ??= performance.now();
      const delayMs = delayAfter(attempt, BACKOFF);
      const isOver = performance.now() + delayMs - failingSince > plan.retryTimeoutMs;
      if (isOver || !isTransient(error)) throw portError('MILONGA_OFFLINE_STORE_UNAVAILABLE', plan.what, error);
      assembler.reset();
      await pauseFor(delayMs, plan.signal);
    }
  }
}

async function* oneStream(
  { data, routing }: BigtableConnection,
  request: ReadRowsRequest,
  assembler: RowAssembler,
  { signal, what }: ReadPlan,
): AsyncGenerator<WideRow[]> {
  const stream = data.readRows({ ...request, ...routing }, { ...ONE_STREAM });
  const cancel = (): void => void stream.destroy(aborted(what, signal));
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    for await (const response of stream as AsyncIterable<ReadRowsResponse>) {
      const rows = assembler.take(response.chunks ?? []);
      if (rows.length > 0) yield rows;
      if (signal?.aborted) throw aborted(what, signal);
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
    stream.cancel();
  }
}
