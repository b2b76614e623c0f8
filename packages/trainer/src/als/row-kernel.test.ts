import fc from 'fast-check';
import { expect, test } from 'vitest';
import { webAssembly } from '../wasm/web-assembly.ts';
import { LANES, rowKernel } from './row-kernel.ts';

const FLOATS = { weights: 64, along: 128, into: 256, rows: 1_024 };
const ROWS = 6;

test('adds the rows that the entries name, scaled by weight and by projection', () => {
  const memory = new webAssembly.Memory({ initial: 1 });
  const kernel = rowKernel(memory);
  const floats = new Float32Array(memory.buffer);
  const integers = new Int32Array(memory.buffer);
  const small = fc.integer({ min: -8, max: 8 });
  const entries = fc.array(fc.tuple(fc.nat(ROWS - 1), small), { maxLength: 7 });
  fc.assert(
    fc.property(
      entries,
      fc.integer({ min: 1, max: 3 }),
      fc.tuple(small, small, small),
      fc.boolean(),
      (list, eights, scales, isPlain) => {
        const stride = eights * LANES;
        const [constant, factor, slope] = scales;
        const row = (at: number): number[] =>
          Array.from({ length: stride }, (_, part) => ((at * 5 + part * 3) % 7) - 3);
        for (let at = 0; at < ROWS; at += 1) floats.set(row(at), FLOATS.rows + at * stride);
        const along = Array.from({ length: stride }, (_, part) => (part % 5) - 2);
        floats.set(along, FLOATS.along);
        floats.fill(1, FLOATS.into, FLOATS.into + stride);
        floats[FLOATS.into + stride] = 0;
        list.forEach(([index, weight], at) => {
          integers[at] = index;
          floats[FLOATS.weights + at] = weight;
        });
        const add = isPlain ? kernel.addRowsByWeight : kernel.addRows;
        add(
          0,
          4 * list.length,
          4 * FLOATS.weights,
          4 * FLOATS.rows,
          4 * FLOATS.along,
          4 * FLOATS.into,
          4 * stride,
          constant,
          factor,
          slope,
        );
        const expected = new Array<number>(stride).fill(1);
        for (const [index, weight] of list) {
          const projection = isPlain ? 0 : row(index).reduce((sum, value, part) => sum + value * along[part]!, 0);
          const scale = constant + weight * (factor + slope * projection);
          row(index).forEach((value, part) => {
            expected[part]! += scale * value;
          });
        }
        expect([...floats.subarray(FLOATS.into, FLOATS.into + stride)]).toEqual(expected); // small integers: exact in single precision
        expect(floats[FLOATS.into + stride]).toBe(0); // and nothing beyond
      },
    ),
  );
});
