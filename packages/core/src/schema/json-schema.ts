import { MilongaError } from '../errors/milonga-error.ts';
import type { Fields, ValueKind, ValueType } from './value-type.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** Which dialect to write, and which side of a border to describe. */
export interface JsonSchemaOptions {
  /** Default: 'draft-2020-12', which OpenAPI 3.1 uses too. */
  readonly target?: 'draft-2020-12' | 'draft-07' | 'openapi-3.0';
  /** What a sender may write ('input', the default) or what comes out of validation. */
  readonly side?: 'input' | 'output';
}

const VALUES: Readonly<Record<ValueKind, (type: ValueType, isInput: boolean) => JsonObject>> = {
  string: () => ({ type: 'string' }),
  int32: () => ({ type: 'integer', minimum: -2_147_483_648, maximum: 2_147_483_647 }),
  float32: () => ({ type: 'number' }),
  float64: () => ({ type: 'number' }),
  boolean: () => ({ type: 'boolean' }),
  timestamp: (_type, isInput) => {
    const unixMs = { type: 'integer', description: 'Unix milliseconds' };
    return isInput ? { anyOf: [unixMs, { type: 'string', format: 'date-time' }] } : unixMs;
  },
  enumeration: ({ categories }) => ({ type: 'string', enum: [...(categories ?? [])] }),
  vector: ({ width }) => ({ type: 'array', items: { type: 'number' }, minItems: width, maxItems: width }),
  list: ({ element }, isInput) => ({
    type: 'array',
    items: VALUES[(element as ValueType).kind](element as ValueType, isInput),
  }),
};

/**
 * Fields as JSON Schema, for OpenAPI documents, forms and clients in other languages.
 *
 * It says what {@link validate} holds a JSON body to, as far as JSON Schema can: nullable fields may be left out, other
 * fields than the declared ones may not be there.
 *
 * @throws MilongaError `MILONGA_DEFINITION_INVALID` for a target that it cannot write.
 * @example
 * ```ts
 * toJsonSchema({ coins: int32() }).required; // ['coins']
 * ```
 */
export function toJsonSchema(fields: Fields, options: JsonSchemaOptions = {}): Readonly<Record<string, unknown>> {
  const { target = 'draft-2020-12', side = 'input' } = options;
  const schemaUri = dialectUri(target);
  const entries = Object.entries(fields);
  const isInput = side === 'input';
  return {
    ...(schemaUri === undefined ? {} : { $schema: schemaUri }),
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, type]) => [name, schemaOf(type, isInput, target)])),
    required: entries.filter(([, type]) => !type.isNullable || !isInput).map(([name]) => name),
    additionalProperties: false,
  };
}

function schemaOf(type: ValueType, isInput: boolean, target: string): Readonly<Record<string, unknown>> {
  const schema = VALUES[type.kind](type, isInput);
  if (!type.isNullable) return schema;
  if (target === 'openapi-3.0') {
    // There, `enum` must list null too (OpenAPI 3.0.3, proposal 2019-10-31).
    return {
      ...schema,
      nullable: true,
      ...(type.categories === undefined ? {} : { enum: [...type.categories, null] }),
    };
  }
  return { anyOf: [schema, { type: 'null' }] };
}

function dialectUri(target: string): string | undefined {
  if (target === 'draft-2020-12') return 'https://json-schema.org/draft/2020-12/schema';
  if (target === 'draft-07') return 'http://json-schema.org/draft-07/schema#';
  if (target === 'openapi-3.0') return undefined;
  throw new MilongaError(
    'MILONGA_DEFINITION_INVALID',
    `JSON Schema cannot be written as "${target}"; known are draft-2020-12, draft-07 and openapi-3.0.`,
  );
}
