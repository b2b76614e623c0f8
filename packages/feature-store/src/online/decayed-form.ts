import { Column, float64 } from '@milonga/core';
import type { Decayed } from '../aggregates/decayed.ts';
import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ColumnOptions, OnlineColumn, OnlineForm } from './online-form.ts';

const TYPE = float64();

/** A sum whose terms lose half their weight in every half-life: the sum and its moment. The reader lets it decay. */
export const decayedForm = (halfLifeMs: number): OnlineForm<Decayed> => ({
  writeTotal: ({ sum, at }, to) => {
    to.uint48(at);
    to.float64(sum);
  },
  writeWindow: () => {
    throw new RangeError('A decayed value has no window.');
  },
  column: (options) => new DecayedColumn(options, halfLifeMs),
});

class DecayedColumn implements OnlineColumn {
  readonly #values: Float64Array;
  readonly #at: number;
  readonly #halfLifeMs: number;
  #row = 0;

  constructor({ rows, at }: ColumnOptions, halfLifeMs: number) {
    this.#values = new Float64Array(rows);
    this.#at = at;
    this.#halfLifeMs = halfLifeMs;
  }

  read(from: ByteReader): void {
    const at = from.uint48();
    this.#values[this.#row++] = from.float64() * 2 ** ((at - this.#at) / this.#halfLifeMs);
  }

  empty(): void {
    this.#row += 1;
  }

  finish(): Column {
    return new Column(TYPE, this.#values.length, this.#values);
  }
}
