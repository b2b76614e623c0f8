import { problemOfName } from '../../schema/describe-type.ts';
import type { Fields } from '../../schema/value-type.ts';
import { Layout } from '../layout.ts';
import { corrupt, unsupported } from './arrow-errors.ts';
import { type ArrowField, readFields } from './arrow-field.ts';
import { type ColumnPlan, planColumn } from './column-plan.ts';
import type { FlatbufferTable } from './flatbuffer-table.ts';

/** A schema message, understood: the layout of its frames and how to read its columns. */
export interface StreamSchema {
  readonly layout: Layout;
  readonly plans: readonly ColumnPlan[];
  /** The type of the strings of each dictionary: true for 64-bit offsets. */
  readonly dictionaries: ReadonlyMap<number, { readonly isLarge: boolean }>;
}

const MOST_KNOWN = 64;
const MOST_KEY_BYTES = 64 * 1024;

/** Latest schemas by the bytes of their message: streams with one schema share one layout, and so its cursors. */
const known = new Map<string, StreamSchema>();

/** Reads the schema of a stream; `metadata` are the bytes that `schema` is a table of. */
export function streamSchemaOf(metadata: Uint8Array, schema: FlatbufferTable): StreamSchema {
  const key =
    metadata.length > MOST_KEY_BYTES
      ? undefined
      : Buffer.from(metadata.buffer, metadata.byteOffset, metadata.length).toString('latin1');
  const earlier = key === undefined ? undefined : known.get(key);
  if (earlier !== undefined) return earlier;
  const read = readSchema(schema);
  if (key !== undefined) {
    if (known.size >= MOST_KNOWN) known.delete(known.keys().next().value!);
    known.set(key, read);
  }
  return read;
}

function readSchema(schema: FlatbufferTable): StreamSchema {
  if (schema.short(0) !== 0) throw unsupported('it is big-endian');
  const fields = readFields(schema, 1);
  const plans = fields.map(planColumn);
  const types: Fields = Object.fromEntries(plans.map((plan) => [plan.name, plan.type]));
  if (Object.keys(types).length < plans.length)
    throw unsupported('two columns have the same name; rename one of them where it is written');
  const problem = plans.map((plan) => problemOfName(plan.name)).find((found) => found !== undefined);
  if (problem !== undefined) throw unsupported(problem);
  return { layout: Layout.of(types), plans, dictionaries: dictionariesOf(fields) };
}

function dictionariesOf(fields: readonly ArrowField[]): Map<number, { readonly isLarge: boolean }> {
  const found = new Map<number, { readonly isLarge: boolean }>();
  const visit = (field: ArrowField): void => {
    if (field.dictionary !== undefined) {
      const isLarge = field.type.name === 'large utf8';
      const other = found.get(field.dictionary.id);
      if (other !== undefined && other.isLarge !== isLarge)
        throw corrupt(`dictionary ${field.dictionary.id} has two types`);
      found.set(field.dictionary.id, { isLarge });
    }
    field.children.forEach(visit);
  };
  fields.forEach(visit);
  return found;
}
