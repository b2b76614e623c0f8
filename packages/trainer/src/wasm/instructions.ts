// The few WebAssembly instructions that the kernels are made of (WebAssembly Core Specification 2.0, 5.4), as bytes.

/** A piece of a function's body. */
export type Code = readonly number[];

/** Unsigned LEB128: how WebAssembly writes integers. */
export function unsigned(value: number): Code {
  const bytes: number[] = [];
  let left = value;
  do {
    const low = left % 128;
    left = Math.floor(left / 128);
    bytes.push(left > 0 ? low + 128 : low);
  } while (left > 0);
  return bytes;
}

/** Small constants only: one byte of signed LEB128 holds -64 to 63, two hold -8,192 to 8,191. */
const signed = (value: number): Code =>
  value >= -64 && value < 64 ? [value & 0x7f] : [(value & 0x7f) | 0x80, (value >> 7) & 0x7f];

export const integer = (value: number): Code => [0x41, ...signed(value)];
export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];

export const add = (left: Code, right: Code): Code => [...left, ...right, 0x6a];
export const multiply = (left: Code, right: Code): Code => [...left, ...right, 0x6c];
export const isBelow = (left: Code, right: Code): Code => [...left, ...right, 0x49];

const ALIGN_4 = 2;
export const loadInteger = (address: Code): Code => [...address, 0x28, ALIGN_4, 0];
export const loadFloat = (address: Code): Code => [...address, 0x2a, ALIGN_4, 0];
export const addFloats = (left: Code, right: Code): Code => [...left, ...right, 0x92];
export const multiplyFloats = (left: Code, right: Code): Code => [...left, ...right, 0x94];

const SIMD = 0xfd;
const ALIGN_16 = 4;
/** Four floats from an address, `offset` bytes on. */
export const loadFour = (address: Code, offset = 0): Code => [...address, SIMD, 0x00, ALIGN_16, ...unsigned(offset)];
export const storeFour = (address: Code, value: Code, offset = 0): Code => [
  ...address,
  ...value,
  SIMD,
  0x0b,
  ALIGN_16,
  ...unsigned(offset),
];
export const fourOf = (value: Code): Code => [...value, SIMD, 0x13];
export const fourZeros: Code = [SIMD, 0x0c, ...new Array<number>(16).fill(0)];
export const laneOf = (four: Code, lane: number): Code => [...four, SIMD, 0x1f, lane];
export const addFours = (left: Code, right: Code): Code => [...left, ...right, SIMD, ...unsigned(0xe4)];
export const multiplyFours = (left: Code, right: Code): Code => [...left, ...right, SIMD, ...unsigned(0xe6)];

/** The sum of the four. */
export const sumOfFour = (four: Code): Code =>
  addFloats(addFloats(laneOf(four, 0), laneOf(four, 1)), addFloats(laneOf(four, 2), laneOf(four, 3)));

/** Runs `body` at least once, and again while `condition` is not 0. */
export const repeatWhile = (body: Code, condition: Code): Code => [0x03, 0x40, ...body, ...condition, 0x0d, 0, 0x0b];

/** Runs `body` only if `condition` is not 0. */
export const when = (condition: Code, body: Code): Code => [...condition, 0x04, 0x40, ...body, 0x0b];
