import { CHUNK, ID_BYTES } from './ledger-cells.ts';

/** The latest ids of a partition and their offsets: those of whole chunks, the oldest forgotten first. */
export class KnownIds {
  readonly #chunks = new Map<number, string[]>();
  readonly #offsets = new Map<string, number>();
  readonly #most: number;

  /** @param most ids that are remembered, about. */
  constructor(most: number) {
    this.#most = Math.max(4, Math.ceil(most / CHUNK)); // a batch changes three at most
  }

  offsetOf(id: string): number | undefined {
    return this.#offsets.get(id);
  }

  /** Takes a stored chunk. */
  load(chunk: number, value: Uint8Array): void {
    const text = Buffer.from(value).toString('latin1');
    const ids = Array.from({ length: Math.floor(text.length / ID_BYTES) }, (_, at) =>
      text.slice(at * ID_BYTES, (at + 1) * ID_BYTES),
    );
    this.#chunks.set(chunk, ids);
    ids.forEach((id, at) => {
      this.#offsets.set(id, chunk * CHUNK + at);
    });
  }

  /** Takes ids in, of which the first has this offset. The chunks that changed, and those that are forgotten. */
  add(
    first: number,
    ids: readonly string[],
  ): { readonly changed: ReadonlySet<number>; readonly gone: readonly number[] } {
    const changed = new Set<number>();
    ids.forEach((id, at) => {
      const offset = first + at;
      const chunk = Math.floor(offset / CHUNK);
      const members = this.#chunks.get(chunk) ?? [];
      this.#chunks.set(chunk, members);
      members[offset - chunk * CHUNK] = id;
      this.#offsets.set(id, offset);
      changed.add(chunk);
    });
    const gone = [...this.#chunks.keys()].sort((a, b) => a - b).slice(0, Math.max(0, this.#chunks.size - this.#most));
    for (const chunk of gone) this.#forget(chunk);
    return { changed, gone };
  }

  bytesOf(chunk: number): Uint8Array {
    return Buffer.from(this.#chunks.get(chunk)!.join(''), 'latin1');
  }

  #forget(chunk: number): void {
    this.#chunks.get(chunk)!.forEach((id, at) => {
      if (this.#offsets.get(id) === chunk * CHUNK + at) this.#offsets.delete(id);
    });
    this.#chunks.delete(chunk);
  }
}
