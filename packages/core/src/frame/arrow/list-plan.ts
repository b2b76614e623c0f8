import { float64, list, vector } from '../../schema/factories.ts';
import type { ListElement } from '../../schema/value-type.ts';
import { countBits, hasBit } from '../bits.ts';
import { Column } from '../column.ts';
import type { ArrayPlan } from './array-plan.ts';
import { corrupt, unsupported } from './arrow-errors.ts';
import type { ArrowField } from './arrow-field.ts';
import type { BatchReader } from './batch-reader.ts';
import { shortOffsets } from './int64-values.ts';
import { checkOffsets } from './utf8-dictionary.ts';

const ELEMENT_KINDS: ReadonlySet<string> = new Set(['string', 'int32', 'float64', 'timestamp']);
const MOST_FIXED = 65_536;

/**
 * Lists of any length, and fixed-size ones: those of float32 as vectors, others as lists.
 *
 * @throws MilongaError `MILONGA_ARROW_UNSUPPORTED` for elements that lists of frames do not hold.
 */
export function planLists(field: ArrowField, planArray: (field: ArrowField) => ArrayPlan): ArrayPlan {
  const { name, type, children } = field;
  const [child] = children;
  if (child === undefined || children.length > 1) throw corrupt(`the list "${name}" has not one type of elements`);
  if (child.type.name.includes('list')) throw unsupported(`column "${name}" is a list of lists`);
  const elements = planArray({ ...child, name: `${name}[]` });
  if (type.name !== 'fixed-size list') {
    const isLarge = type.name === 'large list';
    return planOffsetLists(name, elements, (reader, length) =>
      isLarge ? shortOffsets(reader.longOffsets(length)) : reader.offsets(length),
    );
  }
  if (type.size < 1 || type.size > MOST_FIXED)
    throw unsupported(`column "${name}" is a list of ${type.size} elements a row`);
  if (elements.type.kind === 'float32') return planVectors(name, type.size, elements);
  return planOffsetLists(name, elements, () => type.size);
}

/** Gives the offsets of the rows, or how many elements each has. */
type ReadOffsets = (reader: BatchReader, length: number) => Int32Array | number;

function planOffsetLists(name: string, elements: ArrayPlan, readOffsets: ReadOffsets): ArrayPlan {
  const type = list(elementTypeOf(name, elements));
  return {
    type,
    read: (reader, dictionaries) => {
      const { length, nullCount } = reader.node();
      const validity = reader.validity(length, nullCount);
      const given = readOffsets(reader, length);
      const inner = elements.read(reader, dictionaries);
      const offsets = typeof given === 'number' ? evenOffsets(inner, length, given, name) : given;
      checkOffsets(offsets, inner.length);
      checkElements(inner, offsets, validity, name);
      const values = inner.type.kind === 'float32' ? Float64Array.from(inner.values) : inner.values;
      return new Column(type, length, values, { validity, offsets, dictionary: inner.dictionary });
    },
  };
}

function elementTypeOf(name: string, { type }: ArrayPlan): ListElement {
  if (type.kind === 'float32') return float64(); // what holds them without loss
  if (ELEMENT_KINDS.has(type.kind)) return type as ListElement;
  throw unsupported(
    `column "${name}" is a list of ${type.kind}; lists of strings, int32, float64 and timestamps are taken`,
  );
}

function evenOffsets(inner: Column, length: number, size: number, name: string): Int32Array {
  if (inner.length < length * size)
    throw corrupt(`"${name}" has ${inner.length} elements for ${length} rows of ${size}`);
  return Int32Array.from({ length: length + 1 }, (_, row) => row * size);
}

function planVectors(name: string, width: number, elements: ArrayPlan): ArrayPlan {
  const type = vector(width);
  return {
    type,
    read: (reader, dictionaries) => {
      const { length, nullCount } = reader.node();
      const validity = reader.validity(length, nullCount);
      const inner = elements.read(reader, dictionaries);
      if (inner.length < length * width)
        throw corrupt(`"${name}" has ${inner.length} elements for ${length} rows of ${width}`);
      if (inner.validity !== undefined) checkElements(inner, evenOffsets(inner, length, width, name), validity, name);
      return new Column(type, length, inner.values.subarray(0, length * width), { validity });
    },
  };
}

/** Elements of lists are never null; what lies under a null list may be anything. */
function checkElements(inner: Column, offsets: Int32Array, validity: Uint8Array | undefined, name: string): void {
  if (inner.validity === undefined || countBits(inner.validity, inner.length) === inner.length) return;
  for (let row = 0; row < offsets.length - 1; row += 1) {
    if (validity !== undefined && !hasBit(validity, row)) continue;
    for (let at = offsets[row]!; at < offsets[row + 1]!; at += 1) {
      if (!hasBit(inner.validity, at))
        throw unsupported(`column "${name}" has a null inside a list at row ${row}; lists hold no nulls`);
    }
  }
}
