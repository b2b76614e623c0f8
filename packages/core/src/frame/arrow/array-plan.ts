import type { ValueType } from '../../schema/value-type.ts';
import type { Column } from '../column.ts';
import type { Dictionary } from '../dictionary.ts';
import type { BatchReader } from './batch-reader.ts';

/** The dictionaries of a stream so far, by id. */
export type Dictionaries = ReadonlyMap<number, Dictionary>;

/** How an array of Arrow, a column or the elements of one, is read: as values of which type, and from which buffers. */
export interface ArrayPlan {
  /** Never nullable: that is the field's, not the array's. */
  readonly type: ValueType;
  read(reader: BatchReader, dictionaries: Dictionaries): Column;
}
