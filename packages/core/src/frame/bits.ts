// Arrow's bitmaps: one bit a row, the least significant bit of each byte first. 1 means present, or true.

/** Bytes of a bitmap of `count` bits. */
export const bitmapBytes = (count: number): number => (count + 7) >>> 3;

/** True when bit `index` is set. */
export const hasBit = (bits: Uint8Array, index: number): boolean => ((bits[index >>> 3]! >>> (index & 7)) & 1) === 1;

/** Sets bit `index`. */
export const setBit = (bits: Uint8Array, index: number): void => {
  bits[index >>> 3]! |= 1 << (index & 7);
};

/** Clears bit `index`. */
export const clearBit = (bits: Uint8Array, index: number): void => {
  bits[index >>> 3]! &= ~(1 << (index & 7));
};

/** Sets `count` bits from `start` on. */
export function fillBits(bits: Uint8Array, start: number, count: number): void {
  const end = start + count;
  let at = start;
  for (; at < end && (at & 7) !== 0; at += 1) setBit(bits, at);
  const wholeEnd = at + ((end - at) & ~7);
  bits.fill(0xff, at >>> 3, wholeEnd >>> 3);
  for (at = wholeEnd; at < end; at += 1) setBit(bits, at);
}

/** Copies `count` bits into a place of `to` that holds zeros. Bits outside that place stay as they are. */
export function copyBits(from: Uint8Array, fromStart: number, to: Uint8Array, toStart: number, count: number): void {
  let done = 0;
  if (((fromStart | toStart) & 7) === 0) {
    const bytes = count >>> 3;
    to.set(from.subarray(fromStart >>> 3, (fromStart >>> 3) + bytes), toStart >>> 3);
    done = bytes << 3;
  }
  for (; done < count; done += 8) {
    const at = fromStart + done;
    const shift = at & 7;
    const pair = from[at >>> 3]! | ((from[(at >>> 3) + 1] ?? 0) << 8);
    const left = count - done;
    const eight = (pair >>> shift) & (left < 8 ? (1 << left) - 1 : 0xff);
    const into = toStart + done;
    const moved = eight << (into & 7);
    to[into >>> 3]! |= moved & 0xff;
    if (moved > 0xff) to[(into >>> 3) + 1]! |= moved >>> 8;
  }
}

/** The bits from `start` to `end`: a view where a byte begins at `start`, else a copy (an eighth of a byte a row). */
export function sliceBits(bits: Uint8Array, start: number, end: number): Uint8Array {
  if ((start & 7) === 0) return bits.subarray(start >>> 3, bitmapBytes(end));
  const slice = new Uint8Array(bitmapBytes(end - start));
  copyBits(bits, start, slice, 0, end - start);
  return slice;
}

const ONES: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  let ones = 0;
  for (let left = byte; left > 0; left >>>= 1) ones += left & 1;
  return ones;
});

/** How many of the first `count` bits are set. */
export function countBits(bits: Uint8Array, count: number): number {
  let ones = 0;
  const whole = count >>> 3;
  for (let at = 0; at < whole; at += 1) ones += ONES[bits[at]!]!;
  const rest = count & 7;
  return rest === 0 ? ones : ones + ONES[bits[whole]! & ((1 << rest) - 1)]!;
}
