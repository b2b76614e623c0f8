import type { ValueType } from '../schema/value-type.ts';
import { Dictionary } from './dictionary.ts';

/** An enumeration's strings as a dictionary, and the way back. */
export interface Categories {
  readonly dictionary: Dictionary;
  readonly codes: ReadonlyMap<string, number>;
}

const known = new WeakMap<ValueType, Categories>();

/** The fixed dictionary of an enumeration: the same object for the same type. */
export function categoriesOf(type: ValueType): Categories {
  let categories = known.get(type);
  if (categories === undefined) {
    const strings = type.categories ?? [];
    categories = {
      dictionary: new Dictionary(strings, { isDistinct: true }),
      codes: new Map(strings.map((text, code) => [text, code])),
    };
    known.set(type, categories);
  }
  return categories;
}
