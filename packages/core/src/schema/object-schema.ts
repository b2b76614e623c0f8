import type { StandardJSONSchemaV1, StandardSchemaV1, StandardTypedV1 } from '@standard-schema/spec';
import { type JsonSchemaOptions, toJsonSchema } from './json-schema.ts';
import { type ValidateOptions, validate } from './validate.ts';
import type { Fields, Row, ValueOf, ValueType } from './value-type.ts';

/** What a sender may hand in for a type: more than what is stored, but never something that has to be guessed. */
export type InputOf<Type extends ValueType> = Type['kind'] extends 'timestamp'
  ? ValueOf<Type> | string | Date
  : Type['kind'] extends 'vector'
    ? ValueOf<Type> | readonly number[]
    : ValueOf<Type>;

/** A row as a sender may hand it in: nullable fields may be left out. */
export type RowInput<F extends Fields> = {
  readonly [Name in keyof F as F[Name]['isNullable'] extends true ? never : Name]: InputOf<F[Name]>;
} & {
  readonly [Name in keyof F as F[Name]['isNullable'] extends true ? Name : never]?: InputOf<F[Name]> | undefined;
};

/** Fields that anything which speaks Standard Schema can validate with, and turn into JSON Schema. */
export interface ObjectSchema<F extends Fields> {
  readonly fields: F;
  readonly '~standard': StandardTypedV1.Props<RowInput<F>, Row<F>> &
    StandardSchemaV1.Props<RowInput<F>, Row<F>> &
    StandardJSONSchemaV1.Props<RowInput<F>, Row<F>>;
}

/**
 * Fields as a Standard Schema v1 and Standard JSON Schema v1 (standardschema.dev), for routes, forms and other
 * libraries. Validation is that of {@link validate}; it is synchronous and never throws.
 *
 * @example
 * ```ts
 * const body = object({ userId: string(), limit: int32() });
 * body['~standard'].validate({ userId: 'u1', limit: 20 }); // { value: { userId: 'u1', limit: 20 } }
 * ```
 */
export function object<const F extends Fields>(fields: F, options: ValidateOptions = {}): ObjectSchema<F> {
  const convert =
    (side: 'input' | 'output') =>
    ({ target }: StandardJSONSchemaV1.Options): Record<string, unknown> => ({
      ...toJsonSchema(fields, { target: target as NonNullable<JsonSchemaOptions['target']>, side }),
    });
  return {
    fields,
    '~standard': {
      version: 1,
      vendor: 'milonga',
      validate: (value: unknown) => validate(fields, value, options),
      jsonSchema: { input: convert('input'), output: convert('output') },
    },
  };
}
