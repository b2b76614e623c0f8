import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

describe('ByteWriter and ByteReader', () => {
  it('give back what was written', () => {
    const value = fc.record({
      whole: fc.maxSafeNat(),
      signed: fc.integer({ min: -(2 ** 52), max: 2 ** 52 }),
      moment: fc.nat(2 ** 48 - 1),
      float: fc.double({ noNaN: true }),
      text: fc.string({ unit: 'grapheme', maxLength: 200 }),
    });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 20 }), (values) => {
        const writer = new ByteWriter(1);
        for (const one of values) {
          writer.varint(one.whole);
          writer.signedVarint(one.signed);
          writer.uint48(one.moment);
          writer.float64(one.float);
          const start = writer.length;
          writer.text(one.text);
          writer.prefixLength(start);
        }
        const reader = new ByteReader().reset(writer.finish());
        for (const one of values) {
          expect(reader.varint()).toBe(one.whole);
          expect(reader.signedVarint()).toBe(one.signed);
          expect(reader.uint48()).toBe(one.moment);
          expect(reader.float64()).toBe(one.float);
          const length = reader.varint();
          const start = reader.at;
          expect(reader.text()).toBe(one.text);
          expect(reader.at - start).toBe(length);
        }
        expect(reader.isDone).toBe(true);
      }),
    );
  });

  it('says when bytes are cut off', () => {
    const writer = new ByteWriter();
    writer.text('a text of some length');
    const cut = writer.finish().subarray(0, 5);
    expect(() => new ByteReader().reset(cut).text()).toThrow(
      expect.objectContaining({ code: 'MILONGA_STORAGE_CORRUPT' }),
    );
  });
});
