import { Dictionary } from './dictionary.ts';

/** A dictionary that holds the strings of several, and what to add to the codes of each. */
export interface JoinedDictionary {
  readonly dictionary: Dictionary;
  readonly bases: readonly number[];
}

/**
 * Puts dictionaries one after the other: nothing is hashed, compared or decoded. When all are the same one, that one is
 * the answer and no code changes.
 */
export function joinDictionaries(parts: readonly (Dictionary | undefined)[]): JoinedDictionary {
  const distinct = [...new Set(parts.filter((part) => part !== undefined))];
  if (distinct.length <= 1) {
    return { dictionary: distinct[0] ?? new Dictionary([], { isDistinct: true }), bases: parts.map(() => 0) };
  }
  const strings: (string | undefined)[] = [];
  const starts: number[] = [];
  for (const { strings: more } of distinct) {
    starts.push(strings.length);
    for (let code = 0; code < more.length; code += 1) strings.push(more[code]);
  }
  const decode = (code: number): string => {
    const owner = starts.findLastIndex((start) => start <= code);
    return distinct[owner]!.at(code - starts[owner]!);
  };
  return {
    dictionary: new Dictionary(strings, { isDistinct: false, decode }),
    bases: parts.map((part) => (part === undefined ? 0 : starts[distinct.indexOf(part)]!)),
  };
}
