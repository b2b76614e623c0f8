export { describeType, isSameFields, isSameType } from './describe-type.ts';
export {
  boolean,
  enumeration,
  float32,
  float64,
  int32,
  list,
  nullable,
  string,
  timestamp,
  vector,
} from './factories.ts';
export { fingerprint } from './fingerprint.ts';
export { type JsonSchemaOptions, toJsonSchema } from './json-schema.ts';
export { type InputOf, type ObjectSchema, object, type RowInput } from './object-schema.ts';
export { decodeRow, encodeRow, rowFingerprint } from './row-codec.ts';
export { type Stacked, stackFields } from './stacked.ts';
export { type ValidateOptions, type Validation, type ValidationIssue, validate } from './validate.ts';
export type {
  BooleanType,
  CandidateFields,
  EnumerationType,
  Fields,
  Float32Type,
  Float64Type,
  Int32Type,
  ListElement,
  ListType,
  MemoryOf,
  Merged,
  NullableType,
  Row,
  StringType,
  TimestampType,
  ValueKind,
  ValueOf,
  ValueType,
  VectorType,
} from './value-type.ts';
