import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import { describe, expect, it } from 'vitest';
import { int32, nullable, object, string, timestamp } from './index.ts';

const schema = object({ userId: string(), limit: int32(), at: nullable(timestamp()) });

describe('object', () => {
  it('is a Standard Schema that answers at once', () => {
    const standard: StandardSchemaV1 = schema;
    expect(standard['~standard'].validate({ userId: 'u', limit: 2 })).toEqual({
      value: { userId: 'u', limit: 2, at: null },
    });
    expect(standard['~standard'].validate({ userId: 'u', limit: 'x' })).toMatchObject({
      issues: [{ path: ['limit'] }],
    });
    expect(standard['~standard']).toMatchObject({ version: 1, vendor: 'milonga' });
  });

  it('is a Standard JSON Schema', () => {
    const standard: StandardJSONSchemaV1 = schema;
    const { jsonSchema } = standard['~standard'];
    expect(jsonSchema.input({ target: 'draft-07' })).toMatchObject({ required: ['userId', 'limit'] });
    expect(jsonSchema.output({ target: 'draft-2020-12' })).toMatchObject({ required: ['userId', 'limit', 'at'] });
    expect(() => jsonSchema.input({ target: 'draft-03' })).toThrow(/draft-03/);
  });
});
