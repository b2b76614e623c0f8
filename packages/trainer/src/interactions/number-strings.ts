import { type Column, MilongaError } from '@milonga/core';

/** Gives each distinct string a number, over many frames with dictionaries of their own. */
export class NumberedStrings {
  readonly #numbers: Map<string, number> = new Map();

  /** Writes the number of each row's string from `start` on. */
  number(column: Column, into: Int32Array, start: number): void {
    const { values, dictionary, length } = column;
    if (dictionary === undefined || column.offsets !== undefined)
      throw new MilongaError('MILONGA_INTERNAL', `A query gave ${column.type.kind} where strings were asked for.`);
    const known = new Int32Array(dictionary.size).fill(-1);
    for (let row = 0; row < length; row += 1) {
      const code = values[row]!;
      if (known[code] === -1) known[code] = this.#numberOf(dictionary.at(code));
      into[start + row] = known[code]!;
    }
  }

  #numberOf(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(text, number);
    }
    return number;
  }

  /** The strings in ascending order, and where in it each number so far has gone: results then do not depend on the order of rows. */
  sorted(): { readonly strings: readonly string[]; readonly places: Int32Array } {
    const strings = [...this.#numbers.keys()].sort();
    const places = new Int32Array(strings.length);
    strings.forEach((text, place) => {
      places[this.#numbers.get(text)!] = place;
    });
    return { strings, places };
  }
}

/** Replaces every number by its place. */
export function renumber(numbers: Int32Array, places: Int32Array): void {
  for (let at = 0; at < numbers.length; at += 1) numbers[at] = places[numbers[at]!]!;
}
