import { corrupt } from './arrow-errors.ts';

/** A thousand references to one text must not become a thousand texts: all together have the bytes of the metadata. */
interface StringBudget {
  left: number;
}

/**
 * Reads a FlatBuffers table (flatbuffers.dev/internals). Every read is checked against the bounds of the metadata: bytes
 * from outside can at worst be refused. An absent field has its default.
 */
export class FlatbufferTable {
  readonly view: DataView;
  readonly #budget: StringBudget;
  readonly #start: number;
  readonly #vtable: number;
  readonly #vtableBytes: number;

  private constructor(view: DataView, start: number, budget: StringBudget) {
    this.view = view;
    this.#budget = budget;
    this.#start = start;
    this.#vtable = start - view.getInt32(start, true);
    this.#vtableBytes = view.getUint16(this.#vtable, true);
  }

  /** The root table of metadata. */
  static root(view: DataView): FlatbufferTable {
    return new FlatbufferTable(view, view.getUint32(0, true), { left: view.byteLength });
  }

  byte(id: number, absent = 0): number {
    const position = this.#position(id);
    return position === 0 ? absent : this.view.getUint8(position);
  }

  short(id: number, absent = 0): number {
    const position = this.#position(id);
    return position === 0 ? absent : this.view.getInt16(position, true);
  }

  int(id: number, absent = 0): number {
    const position = this.#position(id);
    return position === 0 ? absent : this.view.getInt32(position, true);
  }

  /** A whole number that is neither negative nor beyond 2^53. */
  long(id: number): number {
    const position = this.#position(id);
    return position === 0 ? 0 : readLong(this.view, position);
  }

  table(id: number): FlatbufferTable | undefined {
    const position = this.#position(id);
    return position === 0 ? undefined : new FlatbufferTable(this.view, this.#follow(position), this.#budget);
  }

  string(id: number): string {
    const { start, length } = this.vector(id, 1);
    this.#budget.left -= length;
    if (this.#budget.left < 0) throw corrupt('more text in the metadata than it has bytes');
    return Buffer.from(this.view.buffer as ArrayBuffer, this.view.byteOffset + start, length).toString();
  }

  /** Where the elements of a vector are. An absent one has none. */
  vector(id: number, elementBytes: number): { readonly start: number; readonly length: number } {
    const position = this.#position(id);
    if (position === 0) return { start: 0, length: 0 };
    const at = this.#follow(position);
    const length = this.view.getUint32(at, true);
    if (at + 4 + length * elementBytes > this.view.byteLength)
      throw corrupt('a vector that reaches beyond the metadata');
    return { start: at + 4, length };
  }

  /** The tables of a vector, at most `most`. */
  tables(id: number, most: number): FlatbufferTable[] {
    const { start, length } = this.vector(id, 4);
    if (length > most) throw corrupt(`${length} entries in the metadata where at most ${most} are taken`);
    return Array.from(
      { length },
      (_, at) => new FlatbufferTable(this.view, this.#follow(start + 4 * at), this.#budget),
    );
  }

  #follow(position: number): number {
    return position + this.view.getUint32(position, true);
  }

  /** 0 for an absent field. */
  #position(id: number): number {
    const entry = 4 + 2 * id;
    if (entry + 2 > this.#vtableBytes) return 0;
    const offset = this.view.getUint16(this.#vtable + entry, true);
    return offset === 0 ? 0 : this.#start + offset;
  }
}

/** An int64 that counts bytes or rows. */
export function readLong(view: DataView, position: number): number {
  const high = view.getInt32(position + 4, true);
  if (high < 0 || high > 0x1fffff) throw corrupt('a negative or impossible length');
  return high * 4_294_967_296 + view.getUint32(position, true);
}
