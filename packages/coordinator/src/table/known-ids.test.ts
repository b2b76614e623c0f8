import { Dictionary, Frame, Interner, string } from '@milonga/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KnownIds } from './known-ids.ts';

const fields = { id: string() };
const plainly = (ids: readonly string[]): number[] => ids.map((id) => ids.indexOf(id));
const frameOf = (ids: readonly string[], interner?: Interner): Frame =>
  Frame.fromRows(
    fields,
    ids.map((id) => ({ id })),
    interner === undefined ? {} : { interners: { id: interner } },
  );

describe('KnownIds', () => {
  it('finds the first row of each id, whatever the dictionaries, and from request to request', () => {
    const known = new KnownIds();
    const foreign = new Interner();
    const lists = fc.array(
      fc.tuple(
        fc.array(
          fc.nat(12).map((code) => `i${code}`),
          { maxLength: 12 },
        ),
        fc.constantFrom(undefined, known.interner, foreign),
      ),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(lists, (given) => {
        const frames = given.map(([ids, interner]) => frameOf(ids, interner));
        const all = given.flatMap(([ids]) => ids);
        const kept = frames.concat(frames);
        expect(Array.from(known.identify(frames, all.length).firstRows)).toEqual(plainly(all));
        expect(Array.from(known.identify(kept, 2 * all.length).firstRows)).toEqual(plainly([...all, ...all]));
      }),
      { numRuns: 500 },
    );
  });

  it('begins anew when it knows very many, and stays right', () => {
    const known = new KnownIds();
    const many = frameOf(
      Array.from({ length: 200_001 }, (_, at) => `m${at}`),
      known.interner,
    );
    const few = frameOf(['m5', 'a', 'm5']);
    expect(Array.from(known.identify([many], many.length).firstRows.subarray(199_999))).toEqual([199_999, 200_000]);
    expect(Array.from(known.identify([few], 3).firstRows)).toEqual([0, 1, 0]);
    expect(Array.from(known.identify([many.slice(0, 6), few], 9).firstRows)).toEqual([0, 1, 2, 3, 4, 5, 5, 7, 5]);
  });

  it('reads a string of a dictionary only once', () => {
    const known = new KnownIds();
    const decoded: number[] = [];
    const dictionary = new Dictionary([undefined, undefined], {
      isDistinct: true,
      decode: (code) => `s${decoded.push(code)}`,
    });
    const one = frameOf(['x', 'y']);
    const column = one.column('id');
    const lazy = new Frame(one.layout, [{ ...column, dictionary } as never], 2);
    known.identify([lazy], 2);
    known.identify([lazy], 2);
    expect(decoded).toEqual([0, 1]);
  });
});
