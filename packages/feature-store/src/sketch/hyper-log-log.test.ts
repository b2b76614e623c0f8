import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { HyperLogLog, sparseLimit } from './hyper-log-log.ts';

function sketchOf(texts: Iterable<string>, precision: number = 12): HyperLogLog {
  const sketch = new HyperLogLog(precision);
  for (const text of texts) sketch.add(text);
  return sketch;
}

function packed(sketch: HyperLogLog): Uint8Array {
  const writer = new ByteWriter();
  sketch.write(writer);
  return writer.finish();
}

const numbered = (count: number, from: number = 0): string[] =>
  Array.from({ length: count }, (_, at) => `user-${from + at}`);

describe('HyperLogLog', () => {
  it('counts exactly while it is small', () => {
    for (const count of [0, 1, 99, sparseLimit(12)])
      expect(sketchOf([...numbered(count), ...numbered(count)]).estimate()).toBe(count);
  });

  it('is within four standard errors beyond', () => {
    for (const count of [600, 2_000, 10_000, 100_000, 1_000_000]) {
      const error = Math.abs(sketchOf(numbered(count)).estimate() - count) / count;
      expect(error, `${count}`).toBeLessThan((4 * 1.04) / Math.sqrt(4_096));
    }
  });

  it('is the sketch of the union when merged, in any order', () => {
    fc.assert(
      fc.property(fc.nat(1_500), fc.nat(1_500), fc.nat(1_500), (left, right, from) => {
        const [a, b] = [numbered(left), numbered(right, from)];
        const [forward, backward] = [sketchOf(a), sketchOf(b)];
        forward.merge(sketchOf(b));
        backward.merge(sketchOf(a));
        expect(packed(forward)).toEqual(packed(sketchOf([...b, ...a])));
        expect(packed(backward)).toEqual(packed(forward));
      }),
      { numRuns: 30 },
    );
  });

  it('survives packing', () => {
    for (const count of [0, 10, 512, 513, 5_000]) {
      const bytes = packed(sketchOf(numbered(count), 10));
      expect(packed(HyperLogLog.read(new ByteReader().reset(bytes), 10))).toEqual(bytes);
      expect(bytes.length).toBeLessThanOrEqual(769);
    }
  });
});
