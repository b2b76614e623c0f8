// Numbers of the Arrow format, version 1.5 (arrow.apache.org/docs/format/Columnar.html, Schema.fbs and Message.fbs).

/** `MetadataVersion.V5`: Arrow 1.0 and later. */
export const METADATA_V5 = 4;

/** `MessageHeader`. */
export const HEADER = { schema: 1, dictionaryBatch: 2, recordBatch: 3 } as const;

/** The union `Type`, by position. */
export const TYPE_NAMES = [
  'none',
  'null',
  'int',
  'float',
  'binary',
  'utf8',
  'bool',
  'decimal',
  'date',
  'time',
  'timestamp',
  'interval',
  'list',
  'struct',
  'union',
  'fixed-size binary',
  'fixed-size list',
  'map',
  'duration',
  'large binary',
  'large utf8',
  'large list',
  'run-end encoded',
  'binary view',
  'utf8 view',
  'list view',
  'large list view',
] as const;

export type ArrowTypeName = (typeof TYPE_NAMES)[number];

/** The number of a type in the union `Type`. */
export const typeId = (name: ArrowTypeName): number => TYPE_NAMES.indexOf(name);

/** `Precision`. */
export const PRECISION = { half: 0, single: 1, double: 2 } as const;

/** Units of `Timestamp`, by position. */
export const TIME_UNITS = ['s', 'ms', 'us', 'ns'] as const;

/** Field metadata under which the members of an enumeration travel, as a JSON array. */
export const ENUMERATION_KEY = 'milonga:enumeration';

/** Every message begins with this instead of a length (since Arrow 0.15). */
export const CONTINUATION = 0xffffffff;
