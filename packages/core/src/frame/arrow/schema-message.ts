import type { ValueType } from '../../schema/value-type.ts';
import type { Layout } from '../layout.ts';
import { ENUMERATION_KEY, HEADER, METADATA_V5, PRECISION, TIME_UNITS, typeId } from './arrow-format.ts';
import { FlatbufferWriter } from './flatbuffer-writer.ts';

/** What a layout looks like in Arrow: made once per layout. */
export interface SchemaMessage {
  readonly metadata: Uint8Array;
  /** The dictionary id of each column; -1 where it has none. */
  readonly dictionaryIds: readonly number[];
}

const known = new WeakMap<Layout, SchemaMessage>();

/** True when values of the type are codes into a dictionary. */
export const isCoded = (type: ValueType): boolean =>
  type.kind === 'string' || type.kind === 'enumeration' || type.element?.kind === 'string';

/** The schema message of a layout. */
export function schemaMessageOf(layout: Layout): SchemaMessage {
  let message = known.get(layout);
  if (message === undefined) {
    let next = 0;
    const dictionaryIds = layout.types.map((type) => (isCoded(type) ? next++ : -1));
    message = { metadata: encode(layout, dictionaryIds), dictionaryIds };
    known.set(layout, message);
  }
  return message;
}

function encode(layout: Layout, dictionaryIds: readonly number[]): Uint8Array {
  const to = new FlatbufferWriter();
  to.reset();
  const [version, headerType, header, bodyLength] = to.table(0, [2, 1, 4, 8]) as [number, number, number, number];
  to.short(version, METADATA_V5);
  to.byte(headerType, HEADER.schema);
  to.long(bodyLength, 0);
  const [, fields] = to.table(header, [2, 4]) as [number, number]; // endianness 0: little
  const first = to.vector(fields, layout.names.length, 4);
  layout.names.forEach((name, slot) => {
    writeField(to, first + 4 * slot, name, layout.types[slot]!, dictionaryIds[slot]!);
  });
  return to.finish().slice();
}

/** A field; `dictionaryId` belongs to it, or to the elements of a list. */
function writeField(to: FlatbufferWriter, referrer: number, name: string, type: ValueType, dictionaryId: number): void {
  const isNested = type.kind === 'list' || type.kind === 'vector';
  const hasDictionary = dictionaryId >= 0 && !isNested;
  const hasMetadata = type.kind === 'enumeration';
  const at = to.table(referrer, [4, 1, 1, 4, hasDictionary ? 4 : 0, 4, hasMetadata ? 4 : 0]);
  const [namePosition, nullable, typeType, typePosition, dictionary, children, metadata] = at as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  to.byte(nullable, type.isNullable ? 1 : 0);
  to.string(namePosition, name);
  to.byte(typeType, writeType(to, typePosition, type));
  if (hasDictionary) writeDictionaryEncoding(to, dictionary, dictionaryId);
  const child = to.vector(children, isNested ? 1 : 0, 4); // Arrow for C++ wants the vector even when it is empty
  if (isNested) writeField(to, child, 'item', elementOf(type), dictionaryId);
  if (hasMetadata) {
    const pair = to.vector(metadata, 1, 4);
    const [key, value] = to.table(pair, [4, 4]) as [number, number];
    to.string(key, ENUMERATION_KEY);
    to.string(value, JSON.stringify(type.categories));
  }
}

const FLOAT_ELEMENT = { kind: 'float32', isNullable: false, width: 1 } as ValueType;

const elementOf = (type: ValueType): ValueType => (type.kind === 'vector' ? FLOAT_ELEMENT : type.element!);

function writeDictionaryEncoding(to: FlatbufferWriter, referrer: number, id: number): void {
  const [idPosition, indexType] = to.table(referrer, [8, 4]) as [number, number];
  to.long(idPosition, id);
  writeInt32(to, indexType);
}

function writeInt32(to: FlatbufferWriter, referrer: number): void {
  const [bitWidth, isSigned] = to.table(referrer, [4, 1]) as [number, number];
  to.int(bitWidth, 32);
  to.byte(isSigned, 1);
}

/** Writes the table of a type; returns its number in the union. */
function writeType(to: FlatbufferWriter, referrer: number, type: ValueType): number {
  switch (type.kind) {
    case 'string':
    case 'enumeration':
      to.table(referrer, []);
      return typeId('utf8');
    case 'boolean':
      to.table(referrer, []);
      return typeId('bool');
    case 'list':
      to.table(referrer, []);
      return typeId('list');
    case 'int32':
      writeInt32(to, referrer);
      return typeId('int');
    case 'float32':
    case 'float64':
      to.short(to.table(referrer, [2])[0]!, type.kind === 'float64' ? PRECISION.double : PRECISION.single);
      return typeId('float');
    case 'vector':
      to.int(to.table(referrer, [4])[0]!, type.width);
      return typeId('fixed-size list');
    case 'timestamp': {
      const [unit, zone] = to.table(referrer, [2, 4]) as [number, number];
      to.short(unit, TIME_UNITS.indexOf('ms'));
      to.string(zone, 'UTC'); // moments, not clock readings
      return typeId('timestamp');
    }
  }
}
