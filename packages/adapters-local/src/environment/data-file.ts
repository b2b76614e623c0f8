import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import { corrupt } from './storage-errors.ts';

const HEAD_BYTES = 256;
const MAGIC = 0xbeefc0de;
/** Places in each of the two pages that begin a file, behind the 24 bytes that begin every page. */
const MAGIC_AT = 24;
const PAGE_SIZE_AT = 48;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;

/**
 * Looks at a data file before the engine does, which ends the process on one that is not its own, and reads past the end
 * of one that was cut off.
 *
 * @throws MilongaError `MILONGA_STORAGE_CORRUPT`.
 */
export function checkDataFile(path: string): void {
  if (endianness() !== 'LE' || !['x64', 'arm64', 'riscv64', 'loong64'].includes(process.arch)) return;
  const file = openIfThere(path);
  if (file === undefined) return;
  try {
    if (fstatSync(file).size === 0) return; // Another process is making it.
    const first = readAt(file, 0);
    const pageSize = first.readUInt32LE(PAGE_SIZE_AT);
    if (first.readUInt32LE(MAGIC_AT) !== MAGIC || pageSize < 512 || pageSize > 65_536)
      throw corrupt(path, 'it is not a data file');
    const second = readAt(file, pageSize);
    if (second.readUInt32LE(MAGIC_AT) !== MAGIC) throw corrupt(path, 'its second page is not one of a data file');
    const newest = wordAt(second, TRANSACTION_AT) > wordAt(first, TRANSACTION_AT) ? second : first;
    const needed = (wordAt(newest, LAST_PAGE_AT) + 1) * pageSize;
    const { size } = fstatSync(file); // After what it must hold was read: another process may let it grow meanwhile.
    if (size < needed) throw corrupt(path, `it was cut off: ${size} of ${needed} bytes are there`);
  } finally {
    closeSync(file);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** What lies at a place of the file; zeros past its end. */
function readAt(file: number, at: number): Buffer {
  const bytes = Buffer.alloc(HEAD_BYTES);
  readSync(file, bytes, 0, HEAD_BYTES, at);
  return bytes;
}

/** A 64-bit number; page and transaction numbers never come near 2^53. */
const wordAt = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));
