import { MilongaError } from '@milonga/core';
import type { StorageAdapterOptions } from '../storage-options.ts';

const PREFIX = /^[A-Za-z0-9._/=-]{0,24}$/;
/** What Cloud Storage counts resumable uploads in. */
const QUANTUM_BYTES = 262_144;

type Defaults = 'prefix' | 'createBucket' | 'retryTimeoutMs' | 'requestTimeoutMs' | 'partBytes' | 'concurrency';

/** The options with their defaults. */
export type CheckedOptions = StorageAdapterOptions & Required<Pick<StorageAdapterOptions, Defaults>>;

/** @throws MilongaError `MILONGA_WIRING_CREATE_FAILED` for what cannot work. */
export function checkedOptions(options: StorageAdapterOptions): CheckedOptions {
  const { partBytes = 8 * 1024 * 1024, prefix = '', concurrency = 64 } = options;
  const { retryTimeoutMs = 30_000, requestTimeoutMs = 10_000, createBucket = true } = options;
  check('bucket', options.bucket, typeof options.bucket === 'string' && options.bucket !== '', 'the name of a bucket');
  check('prefix', prefix, PREFIX.test(prefix), 'at most 24 letters, digits, ".", "_", "=", "-" and "/"');
  const isPartSize = partBytes >= QUANTUM_BYTES && partBytes % QUANTUM_BYTES === 0;
  check('partBytes', partBytes, isPartSize, `a multiple of ${QUANTUM_BYTES}`);
  check('concurrency', concurrency, Number.isInteger(concurrency) && concurrency > 0, 'a whole number above 0');
  for (const [name, value] of Object.entries({ retryTimeoutMs, requestTimeoutMs }))
    check(name, value, value > 0 && value < 2 ** 31, 'milliseconds above 0');
  return { ...options, partBytes, prefix, concurrency, retryTimeoutMs, requestTimeoutMs, createBucket };
}

function check(name: string, value: unknown, isGood: boolean, expected: string): void {
  if (isGood) return;
  const found = JSON.stringify(value);
  throw new MilongaError(
    'MILONGA_WIRING_CREATE_FAILED',
    `storage(): "${name}" must be ${expected}, and it is ${found}.`,
  );
}
