import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';

const ZEROS = new Uint8Array(256 * 1024);
const LEAST_HEADROOM = 256 * 1024;
const MOST_HEADROOM = 4 * 1024 * 1024;
/** Pages that any transaction writes anew: roots, branches, the list of free pages. */
const TRANSACTION_PAGES = 16;
/** A changed entry costs the page it lies in and a share of those above it. */
const ENTRY_PAGES = 2;

/**
 * Keeps the data file longer than what LMDB will write, so that a full disk is met here, before a transaction, and not in
 * the middle of a commit, which LMDB does not survive in every case.
 *
 * The file is extended by writing zeros: only bytes that were written are bytes that the disk has. LMDB takes no notice of
 * what lies behind its last page. Methods must be called inside a write transaction: its lock keeps other processes, and
 * so their pages, away from the end of the file.
 */
export class ReservedSpace {
  readonly #file: number;
  readonly #pageBytes: number;
  readonly #lastPage: () => number;
  /** Bytes that may still be used before the next look at the file. */
  #room = 0;
  /** Upper bound of what the transaction at hand will write. */
  #pending = 0;

  constructor(path: string, pageBytes: number, lastPage: () => number) {
    this.#file = openSync(path, 'r+');
    this.#pageBytes = pageBytes;
    this.#lastPage = lastPage;
  }

  /** Call first in every transaction. */
  begin(): void {
    this.#pending = 0;
    this.#take(TRANSACTION_PAGES * this.#pageBytes);
  }

  /** Call before every change of an entry. @throws The error of the file system when the disk is full. */
  use(valueBytes: number): void {
    this.#take(ENTRY_PAGES * this.#pageBytes + valueBytes + (valueBytes >>> 3));
  }

  #take(bytes: number): void {
    this.#pending += bytes;
    this.#room -= bytes;
    if (this.#room < 0) this.#look();
  }

  #look(): void {
    const used = (this.#lastPage() + 1) * this.#pageBytes + this.#pending;
    const headroom = Math.min(Math.max(used / 4, LEAST_HEADROOM), MOST_HEADROOM);
    const end = Math.ceil((used + headroom) / this.#pageBytes) * this.#pageBytes;
    try {
      this.#extend(end);
    } catch (error) {
      this.#room = fstatSync(this.#file).size - used;
      if (this.#room < 0) throw error;
      return;
    }
    this.#room = headroom;
  }

  #extend(end: number): void {
    for (let at = fstatSync(this.#file).size; at < end; ) {
      at += writeSync(this.#file, ZEROS, 0, Math.min(ZEROS.length, end - at), at);
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}
