import { MilongaError } from '../errors/milonga-error.ts';
import type { Fields, Row } from '../schema/value-type.ts';
import { ColumnBuilder } from './column-builder.ts';
import { Frame } from './frame.ts';
import type { Interner } from './interner.ts';
import { Layout } from './layout.ts';

/** How a frame is built. */
export interface FrameBuilderOptions<F extends Fields = Fields> {
  /** Rows to make room for at the start; the builder grows beyond it. Default: 64. */
  readonly capacity?: number;
  /** Dictionaries that string columns share with other frames, by column. */
  readonly interners?: { readonly [Name in keyof F]?: Interner };
}

/**
 * Builds a frame by appending rows, or values column by column. It grows as needed and starts anew after `finish`.
 *
 * @example
 * ```ts
 * const builder = new FrameBuilder({ id: string(), score: float64() });
 * builder.append({ id: 'a', score: 0.5 });
 * builder.column('id').push('b');
 * builder.column('score').push(0.25);
 * builder.finish().length; // 2
 * ```
 */
export class FrameBuilder<F extends Fields = Fields> {
  readonly layout: Layout<F>;
  readonly #columns: readonly ColumnBuilder[];
  #appended = 0;

  constructor(fields: F, options: FrameBuilderOptions<F> = {}) {
    this.layout = Layout.of(fields);
    const { capacity = 64, interners } = options;
    this.#columns = this.layout.names.map(
      (name, slot) => new ColumnBuilder(name, this.layout.types[slot]!, capacity, interners?.[name as keyof F]),
    );
  }

  /** Rows so far; where columns are appended to one by one, those of the first. */
  get length(): number {
    return this.#columns[0]?.length ?? this.#appended;
  }

  /** Appends a row. When a value is refused, nothing of the row stays. @throws MilongaError `MILONGA_FRAME_VALUE`. */
  append(row: Row<F>): void {
    const { length } = this;
    const { names } = this.layout;
    const from = row as Readonly<Record<string, unknown>>;
    try {
      for (let slot = 0; slot < names.length; slot += 1) this.#columns[slot]!.push(from[names[slot]!]);
    } catch (error) {
      for (const column of this.#columns) column.truncate(length);
      throw error;
    }
    this.#appended += 1;
  }

  /** The builder of one column. @throws MilongaError `MILONGA_FRAME_COLUMN_MISSING`. */
  column<Name extends keyof F & string>(name: Name): ColumnBuilder<F[Name]> {
    return this.#columns[this.layout.slotOf(name)] as ColumnBuilder<F[Name]>;
  }

  /** The frame of what was appended. @throws MilongaError `MILONGA_FRAME_SHAPE` when columns differ in length. */
  finish(): Frame<F> {
    const { length } = this;
    const other = this.#columns.find((column) => column.length !== length);
    if (other !== undefined) {
      throw new MilongaError(
        'MILONGA_FRAME_SHAPE',
        `Column "${other.name}" has ${other.length} rows, column "${this.layout.names[0]}" has ${length}; append to all alike.`,
      );
    }
    this.#appended = 0;
    return new Frame(
      this.layout,
      this.#columns.map((column) => column.finish()),
      length,
    );
  }
}
