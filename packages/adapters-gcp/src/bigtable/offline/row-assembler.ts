import type { protos } from '@google-cloud/bigtable';
import { type Cell, MilongaError, type WideRow } from '@milonga/core';

type Chunk = protos.google.bigtable.v2.ReadRowsResponse.ICellChunk;

/**
 * Puts rows together from the chunks of a `ReadRows` stream, as the protocol describes it: a chunk repeats the key, family and
 * qualifier only where they change, a large value comes in pieces, and a row counts when it is committed.
 */
export class RowAssembler {
  readonly #isAlive: (cell: Cell) => boolean;
  #key: Uint8Array | undefined;
  #family = '';
  #qualifier: Uint8Array = new Uint8Array();
  #at = 0;
  #pieces: Uint8Array[] = [];
  #cells: Cell[] = [];
  #isSorted = true;
  /** Key of the last row that was committed, whether it had living cells or not. A scan resumes after it. */
  lastKey: Uint8Array | undefined;

  /** @param isAlive tells cells to return from those past their time to live. */
  constructor(isAlive: (cell: Cell) => boolean) {
    this.#isAlive = isAlive;
  }

  /** The rows that these chunks complete. */
  take(chunks: readonly Chunk[]): WideRow[] {
    const rows: WideRow[] = [];
    for (const chunk of chunks) {
      if (chunk.resetRow === true) {
        this.reset();
        continue;
      }
      this.#addCell(chunk);
      if (chunk.commitRow === true) this.#commit(rows);
    }
    return rows;
  }

  /** Forgets a row that was begun. */
  reset(): void {
    this.#key = undefined;
    this.#cells = [];
    this.#pieces = [];
    this.#isSorted = true;
  }

  #addCell(chunk: Chunk): void {
    const key = bytesOf(chunk.rowKey);
    if (key.length > 0) this.#key = key;
    if (this.#pieces.length === 0) {
      if (chunk.familyName != null) this.#family = chunk.familyName.value ?? '';
      if (chunk.qualifier != null) this.#qualifier = bytesOf(chunk.qualifier.value);
      this.#at = Number(String(chunk.timestampMicros ?? 0)) / 1_000;
    }
    const piece = bytesOf(chunk.value);
    if ((chunk.valueSize ?? 0) > 0) {
      this.#pieces.push(piece); // the rest of the value comes with the next chunks
      return;
    }
    const value = this.#pieces.length === 0 ? piece : Buffer.concat([...this.#pieces, piece]);
    this.#pieces = [];
    const cell: Cell = { family: this.#family, qualifier: this.#qualifier, value, at: this.#at };
    if (!this.#isAlive(cell)) return;
    const before = this.#cells.at(-1);
    if (before !== undefined && before.family > cell.family) this.#isSorted = false;
    this.#cells.push(cell);
  }

  #commit(rows: WideRow[]): void {
    const key = this.#key;
    if (key === undefined) throw new MilongaError('MILONGA_INTERNAL', 'Bigtable committed a row without a key.');
    // Bigtable keeps qualifiers in order and families in one of its own.
    if (!this.#isSorted) this.#cells.sort((a, b) => (a.family < b.family ? -1 : a.family > b.family ? 1 : 0));
    if (this.#cells.length > 0) rows.push({ key, cells: this.#cells });
    this.lastKey = key;
    this.reset();
  }
}

/** Bytes of their own: those of a message are views of one buffer of the whole response. */
function bytesOf(value: Uint8Array | string | null | undefined): Uint8Array {
  if (value == null || value.length === 0) return new Uint8Array();
  return typeof value === 'string' ? Buffer.from(value, 'base64') : Uint8Array.prototype.slice.call(value);
}
