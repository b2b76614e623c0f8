// Promises of the types. Each expected error sits on the line where a user would look for it.
import {
  boolean,
  decodeRow,
  encodeRow,
  enumeration,
  type Fields,
  int32,
  list,
  nullable,
  object,
  type Row,
  type RowInput,
  stackFields,
  string,
  timestamp,
  validate,
  vector,
} from './index.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const expectType = <_Check extends true>(): void => {};
const use = (..._values: readonly unknown[]): void => {};

const fields = {
  id: string(),
  at: timestamp(),
  device: nullable(enumeration('phone', 'desktop')),
  tags: list(string()),
  where: vector(2),
};
type Expected = {
  readonly id: string;
  readonly at: number;
  readonly device: 'phone' | 'desktop' | null;
  readonly tags: readonly string[];
  readonly where: Float32Array;
};
expectType<Equal<Row<typeof fields>, Expected>>();
const anyFields: Fields = fields;
const decoded = decodeRow(fields, new Uint8Array());
expectType<Equal<typeof decoded, Expected>>();

const input: RowInput<typeof fields> = { id: 'a', at: '2026-01-01T00:00:00Z', tags: [], where: [1, 2] }; // nullable may be left out
const result = validate(fields, input);
if (result.issues === undefined) expectType<Equal<typeof result.value, Expected>>();
const output = object(fields)['~standard'].types?.output;
expectType<Equal<typeof output, Expected | undefined>>();
const stacked = stackFields([{ id: string(), a: int32() }, { id: string() }]);
expectType<Equal<Row<typeof stacked>, { readonly id: string; readonly a: number | null }>>();

// @ts-expect-error a value is there only without issues
validate(fields, input).value.id;
// @ts-expect-error 'tablet' is not a member
encodeRow({ device: enumeration('phone', 'desktop') }, { device: 'tablet' });
// @ts-expect-error null needs nullable
encodeRow({ n: int32() }, { n: null });
// @ts-expect-error every field is needed
encodeRow(fields, { id: 'a' });
// @ts-expect-error a sender's timestamp is a number, a string or a Date
const wrong: RowInput<{ readonly at: ReturnType<typeof timestamp> }> = { at: true };
// @ts-expect-error a list holds no booleans
list(boolean());

use(anyFields, wrong);
