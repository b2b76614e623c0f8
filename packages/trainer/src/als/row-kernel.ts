import {
  add,
  addFloats,
  addFours,
  type Code,
  fourOf,
  fourZeros,
  get,
  integer,
  isBelow,
  loadFloat,
  loadFour,
  loadInteger,
  multiply,
  multiplyFloats,
  multiplyFours,
  repeatWhile,
  set,
  storeFour,
  sumOfFour,
  when,
} from '../wasm/instructions.ts';
import { moduleOf, type WasmFunction, type WasmType } from '../wasm/module.ts';
import { type WasmMemory, type WasmModule, webAssembly } from '../wasm/web-assembly.ts';

/** Vectors begin at multiples of this many floats: two fours are worked on at a time. */
export const LANES = 8;
const STEP_BYTES = 4 * LANES;

/**
 * `into += sum_e (constant + factor w_e + slope w_e (y_e . along)) y_e` over entries e with vectors `y_e` of the rows named by
 * `indices`: everything that a step of conjugate gradient does with the vectors, in one pass over them, four floats at a
 * time. Addresses and lengths are in bytes; `stride` is the length of a vector, a multiple of 32.
 */
export type AddRows = (
  indices: number,
  end: number,
  weights: number,
  rows: number,
  along: number,
  into: number,
  stride: number,
  constant: number,
  factor: number,
  slope: number,
) => void;

/** The loops of the solver. */
export interface RowKernel {
  readonly addRows: AddRows;
  /** The same for a slope of 0, at half the price: `along` is not read. */
  readonly addRowsByWeight: AddRows;
}

const [indices, end, weights, rows, along, into, stride, constant, factor, slope] = Array.from(
  { length: 10 },
  (_, at) => at,
) as [number, number, number, number, number, number, number, number, number, number];
const [row, at, weight, even, odd, scale] = [10, 11, 12, 13, 14, 15] as const;

const eachEight = (body: Code): Code => [
  ...set(at, integer(0)),
  ...repeatWhile([...body, ...set(at, add(get(at), integer(STEP_BYTES)))], isBelow(get(at), get(stride))),
];

const rowAt = add(get(row), get(at));
const alongAt = add(get(along), get(at));
const intoAt = add(get(into), get(at));

/** Two sums at a time, so that additions do not wait for each other. */
const projection: Code = [
  ...set(even, fourZeros),
  ...set(odd, fourZeros),
  ...eachEight([
    ...set(even, addFours(get(even), multiplyFours(loadFour(rowAt), loadFour(alongAt)))),
    ...set(odd, addFours(get(odd), multiplyFours(loadFour(rowAt, 16), loadFour(alongAt, 16)))),
  ]),
  ...set(even, addFours(get(even), get(odd))),
];

const scaleOfRow = (factorOfRow: Code): Code =>
  fourOf(addFloats(get(constant), multiplyFloats(get(weight), factorOfRow)));

const addScaled = (offset: number): Code =>
  storeFour(intoAt, addFours(loadFour(intoAt, offset), multiplyFours(get(scale), loadFour(rowAt, offset))), offset);

const functionOf = (name: keyof RowKernel, findScale: Code): WasmFunction => ({
  name,
  parameters: [...new Array<WasmType>(7).fill('integer'), 'float', 'float', 'float'],
  locals: ['integer', 'integer', 'float', 'four', 'four', 'four'],
  body: when(
    isBelow(get(indices), get(end)),
    repeatWhile(
      [
        ...set(row, add(get(rows), multiply(loadInteger(get(indices)), get(stride)))),
        ...set(weight, loadFloat(get(weights))),
        ...findScale,
        ...eachEight([...addScaled(0), ...addScaled(16)]),
        ...set(indices, add(get(indices), integer(4))),
        ...set(weights, add(get(weights), integer(4))),
      ],
      isBelow(get(indices), get(end)),
    ),
  ),
});

const FUNCTIONS: readonly WasmFunction[] = [
  functionOf('addRows', [
    ...projection,
    ...set(scale, scaleOfRow(addFloats(get(factor), multiplyFloats(get(slope), sumOfFour(get(even)))))),
  ]),
  functionOf('addRowsByWeight', set(scale, scaleOfRow(get(factor)))),
];

let compiled: WasmModule | undefined;

/** The kernel over a memory. */
export function rowKernel(memory: WasmMemory): RowKernel {
  compiled ??= new webAssembly.Module(moduleOf(FUNCTIONS));
  return new webAssembly.Instance(compiled, { memory: { memory } }).exports as unknown as RowKernel;
}
