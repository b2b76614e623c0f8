import { MilongaError } from '../errors/milonga-error.ts';
import { checkFieldNames, describeType, isSameFields, isSameKind } from '../schema/describe-type.ts';
import type { Fields, Merged, ValueType } from '../schema/value-type.ts';
import type { Column } from './column.ts';
import { type Cursor, RowCursor } from './cursor.ts';

const MOST_IDLE = 8;
const MOST_DERIVED = 64;

/** A name may hold any character, so two lists of names may be joined to the same key. */
const isSameList = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((name, at) => name === right[at]);

function checkSameValues(name: string, wanted: ValueType, found: ValueType): void {
  if (isSameKind(wanted, found)) return;
  throw new MilongaError(
    'MILONGA_FRAME_SHAPE',
    `Column "${name}" should be ${describeType(wanted)}; the frame has it as ${describeType(found)}.`,
  );
}

/**
 * Everything about a frame that depends on its fields alone: compiled once per fields value, shared by all frames.
 *
 * Define fields as constants, and every frame of them shares one layout; cursors and derived layouts are then compiled
 * when a pipeline is defined, not when a request runs.
 */
export class Layout<F extends Fields = Fields> {
  static readonly #known: WeakMap<Fields, Layout> = new WeakMap();

  readonly schema: F;
  readonly names: readonly string[];
  readonly types: readonly ValueType[];
  readonly slots: ReadonlyMap<string, number>;
  readonly #idle: RowCursor[] = [];
  readonly #extensions: WeakMap<Layout, Layout> = new WeakMap();
  readonly #derived: Map<string, Layout> = new Map();
  readonly #matches: WeakMap<Layout, boolean> = new WeakMap();
  readonly #projections: WeakMap<Layout, Int32Array> = new WeakMap();

  private constructor(schema: F) {
    checkFieldNames(schema);
    this.schema = schema;
    this.names = Object.keys(schema);
    this.types = Object.values(schema);
    this.slots = new Map(this.names.map((name, slot) => [name, slot]));
  }

  /** The layout of a fields value; the same one each time. */
  static of<const F extends Fields>(fields: F): Layout<F> {
    let layout = Layout.#known.get(fields);
    if (layout === undefined) {
      layout = new Layout(fields);
      Layout.#known.set(fields, layout);
    }
    return layout as unknown as Layout<F>;
  }

  /** The slot of a column. @throws MilongaError `MILONGA_FRAME_COLUMN_MISSING`. */
  slotOf(name: string): number {
    const slot = this.slots.get(name);
    if (slot === undefined) {
      throw new MilongaError(
        'MILONGA_FRAME_COLUMN_MISSING',
        `The frame has no column "${name}"; it has ${this.names.join(', ') || 'none'}.`,
      );
    }
    return slot;
  }

  /** True when frames of both have the same columns in the same order. */
  matches(other: Layout): boolean {
    if (other === (this as Layout)) return true;
    let matches = this.#matches.get(other);
    if (matches === undefined) {
      matches = isSameFields(this.schema, other.schema);
      this.#matches.set(other, matches);
    }
    return matches;
  }

  /** This layout and another side by side. @throws MilongaError `MILONGA_FRAME_SHAPE` when both have a name. */
  extend<Added extends Fields>(added: Layout<Added>): Layout<Merged<F, Added>> {
    let layout = this.#extensions.get(added);
    if (layout === undefined) {
      const repeated = added.names.filter((name) => this.slots.has(name));
      if (repeated.length > 0) {
        throw new MilongaError(
          'MILONGA_FRAME_SHAPE',
          `Column "${repeated.join('", "')}" exists already; rename one of the two.`,
        );
      }
      layout = Layout.of<Fields>({ ...this.schema, ...added.schema });
      this.#extensions.set(added, layout);
    }
    return layout as unknown as Layout<Merged<F, Added>>;
  }

  /** Some columns of this layout, in the order of `names`. */
  select<const Name extends keyof F & string>(names: readonly Name[]): Layout<{ readonly [N in Name]: F[N] }> {
    return this.derive(names, names) as unknown as Layout<{ readonly [N in Name]: F[N] }>;
  }

  /** The columns `from` of this layout, called `to`. The latest 64 derived layouts are remembered. */
  derive(from: readonly string[], to: readonly string[]): Layout {
    const key = from === to ? from.join('\n') : `${from.join('\n')}\n\n${to.join('\n')}`;
    let layout = this.#derived.get(key);
    if (layout === undefined || !isSameList(layout.names, to)) {
      layout = Layout.of<Fields>(Object.fromEntries(from.map((name, at) => [to[at]!, this.types[this.slotOf(name)]!])));
      if (layout.names.length < to.length)
        throw new MilongaError('MILONGA_FRAME_SHAPE', `A column is named twice in ${to.join(', ')}.`);
      if (this.#derived.size >= MOST_DERIVED) this.#derived.delete(this.#derived.keys().next().value!);
      this.#derived.set(key, layout);
    }
    return layout;
  }

  /**
   * Where the columns of this layout are in a frame of another: a slot each, or -1 where the other lacks it.
   *
   * @throws MilongaError `MILONGA_FRAME_SHAPE` when a column is there with another type (nullability apart).
   */
  projectionOf(other: Layout): Int32Array {
    let slots = this.#projections.get(other);
    if (slots === undefined) {
      slots = Int32Array.from(this.names, (name, slot) => {
        const from = other.slots.get(name);
        if (from !== undefined) checkSameValues(name, this.types[slot]!, other.types[from]!);
        return from ?? -1;
      });
      this.#projections.set(other, slots);
    }
    return slots;
  }

  /**
   * A cursor over columns of this layout, for the innermost loops; {@link Frame.forEach} does it for you. Give it back
   * in a `finally`. Cursors are pooled: making one defines a getter per column. Nested loops get one each.
   */
  borrow(columns: readonly Column[]): Cursor {
    const cursor = this.#idle.pop() ?? new RowCursor(this.names, this.types);
    cursor.begin(columns);
    return cursor;
  }

  /** Ends the life of a borrowed cursor's row: reading it throws `MILONGA_FRAME_ROW_ESCAPED` from now on. */
  giveBack(borrowed: Cursor): void {
    const cursor = borrowed as RowCursor;
    if (!cursor.isBorrowed)
      throw new MilongaError('MILONGA_CLOSED', 'A cursor was given back twice; borrow one for each loop.');
    cursor.end();
    if (this.#idle.length < MOST_IDLE) this.#idle.push(cursor);
  }
}
