import { MilongaError } from '../errors/milonga-error.ts';
import { describeType } from '../schema/describe-type.ts';
import type { ValueType } from '../schema/value-type.ts';
import { copyBits, fillBits } from './bits.ts';
import { categoriesOf } from './categories.ts';
import { Column } from './column.ts';
import { leanColumn } from './compact-codes.ts';
import type { Frame } from './frame.ts';
import { joinDictionaries } from './join-dictionaries.ts';
import type { Layout } from './layout.ts';
import { newValues, Slab, slabBytes } from './slab.ts';

/** Columns of `layout` over the rows of all frames. A column that a frame lacks is null there. */
export function concatColumns(layout: Layout, frames: readonly Frame[]): Column[] {
  let length = 0;
  for (const frame of frames) length += frame.length;
  const slab = new Slab(slabBytes(layout.types, length));
  const projections = frames.map((frame) => (frame.layout === layout ? undefined : layout.projectionOf(frame.layout)));
  return layout.types.map((type, slot) => {
    const name = layout.names[slot]!;
    const found = frames.map((frame, at) => partOf(frame, projections[at]?.[slot] ?? slot, name, type));
    const parts = hasStrings(type) ? withLeanDictionaries(found) : found;
    return type.kind === 'list'
      ? concatLists(type, parts, frames, length, slab)
      : concatValues(type, parts, frames, length, slab);
  });
}

type Part = Column | undefined;

function partOf(frame: Frame, from: number, name: string, type: ValueType): Part {
  const part = frame.columns[from];
  if (type.isNullable || frame.length === 0) return part;
  if (part === undefined) {
    throw new MilongaError(
      'MILONGA_FRAME_SHAPE',
      `A frame of ${frame.length} rows lacks column "${name}" (${describeType(type)}), which is not nullable. Add it, or declare it nullable.`,
    );
  }
  if (part.validity !== undefined && part.nullCount > 0) {
    throw new MilongaError(
      'MILONGA_FRAME_SHAPE',
      `Column "${name}" is ${describeType(type)}; a frame has ${part.nullCount} nulls in it.`,
    );
  }
  return part;
}

const hasStrings = (type: ValueType): boolean => type.kind === 'string' || type.element?.kind === 'string';

/** Dictionaries that are not one and the same are joined: they must not be much larger than what is used of them. */
function withLeanDictionaries(parts: readonly Part[]): readonly Part[] {
  const first = parts.find((part) => part !== undefined)?.dictionary;
  const isShared = parts.every((part) => part === undefined || part.dictionary === first);
  return isShared ? parts : parts.map((part) => (part === undefined ? undefined : leanColumn(part)));
}

function concatValues(
  type: ValueType,
  parts: readonly Part[],
  frames: readonly Frame[],
  length: number,
  slab: Slab,
): Column {
  const values = slab.values(type, length);
  const joined = type.kind === 'string' ? joinDictionaries(parts.map((part) => part?.dictionary)) : undefined;
  let start = 0;
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at];
    const count = frames[at]!.length;
    const base = joined?.bases[at] ?? 0;
    if (part !== undefined) {
      if (type.kind === 'boolean') copyBits(part.values as Uint8Array, 0, values as Uint8Array, start, count);
      else if (base > 0) addBase(part.values as Int32Array, values as Int32Array, start, base);
      else values.set(part.values, start * type.width);
    }
    start += count;
  }
  const dictionary = type.kind === 'enumeration' ? categoriesOf(type).dictionary : joined?.dictionary;
  return new Column(type, length, values, { dictionary, validity: concatValidity(type, parts, frames, length, slab) });
}

function addBase(from: Int32Array, to: Int32Array, start: number, base: number): void {
  for (let at = 0; at < from.length; at += 1) to[start + at] = from[at]! + base;
}

function concatValidity(
  type: ValueType,
  parts: readonly Part[],
  frames: readonly Frame[],
  length: number,
  slab: Slab,
): Uint8Array | undefined {
  if (
    !type.isNullable ||
    parts.every((part, at) => (part !== undefined && part.validity === undefined) || frames[at]!.length === 0)
  ) {
    return undefined;
  }
  const validity = slab.bits(length);
  let start = 0;
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at];
    const count = frames[at]!.length;
    if (part !== undefined && part.validity === undefined) fillBits(validity, start, count);
    else if (part?.validity !== undefined) copyBits(part.validity, 0, validity, start, count);
    start += count;
  }
  return validity;
}

function concatLists(
  type: ValueType,
  parts: readonly Part[],
  frames: readonly Frame[],
  length: number,
  slab: Slab,
): Column {
  const offsets = new Int32Array(length + 1);
  let row = 0;
  for (let at = 0; at < parts.length; at += 1) {
    const from = parts[at]?.offsets;
    const shift = offsets[row]! - (from?.[0] ?? 0);
    for (let index = 1; index <= frames[at]!.length; index += 1, row += 1) {
      offsets[row + 1] = from === undefined ? offsets[row]! : from[index]! + shift;
    }
  }
  const values = newValues(type, offsets[length]!);
  const joined = type.element?.kind === 'string' ? joinDictionaries(parts.map((part) => part?.dictionary)) : undefined;
  let start = 0;
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at];
    if (part === undefined) continue;
    const from = part.values.subarray(part.offsets![0]! * type.width, part.offsets![part.length]! * type.width);
    const base = joined?.bases[at] ?? 0;
    if (base > 0) addBase(from as Int32Array, values as Int32Array, start, base);
    else values.set(from, start);
    start += from.length;
  }
  const validity = concatValidity(type, parts, frames, length, slab);
  return new Column(type, length, values, { offsets, validity, dictionary: joined?.dictionary });
}
