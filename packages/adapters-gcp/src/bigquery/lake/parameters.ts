import { MilongaError, type SqlParameter } from '@milonga/core';

/** A parameter as BigQuery's interface has it. */
export interface QueryParameter {
  readonly parameterType: { readonly type: string; readonly arrayType?: { readonly type: string } };
  readonly parameterValue: { readonly value?: string | null; readonly arrayValues?: readonly { value: string }[] };
}

/**
 * The values of the question marks of a query. Safe integers become INT64, other numbers FLOAT64.
 *
 * @throws MilongaError `MILONGA_LAKE_QUERY_FAILED` when their number is not that of the question marks.
 */
export function queryParameters(
  values: readonly SqlParameter[],
  expected: number,
  types: readonly UntypedAs[] = [],
): readonly QueryParameter[] {
  if (values.length !== expected) {
    throw new MilongaError(
      'MILONGA_LAKE_QUERY_FAILED',
      `The query has ${expected} parameters (?); ${values.length} values were given.`,
    );
  }
  let untyped = 0;
  return values.map((value, at) => {
    const type = isUntyped(value) ? (types[untyped++] ?? 'STRING') : undefined;
    return Array.isArray(value)
      ? listParameter(value as readonly string[] | readonly number[], at + 1, type)
      : scalar(value as string | number | boolean | null, type);
  });
}

/** What a null or an empty list is given as. */
export type UntypedAs = 'STRING' | 'INT64';

const isUntyped = (value: SqlParameter): boolean => value === null || (Array.isArray(value) && value.length === 0);

const MOST_COMBINED = 3;

/** The types to try for the nulls and empty lists among the values, which BigQuery wants to know of beforehand. */
export function typings(values: readonly SqlParameter[]): readonly (readonly UntypedAs[])[] {
  const untyped = values.filter(isUntyped).length;
  const all = (type: UntypedAs): readonly UntypedAs[] => Array.from({ length: untyped }, () => type);
  if (untyped > MOST_COMBINED) return [all('STRING'), all('INT64')];
  return Array.from({ length: 2 ** untyped }, (_, bits) =>
    Array.from({ length: untyped }, (_one, at) => ((bits >> at) & 1 ? 'INT64' : 'STRING')),
  );
}

function scalar(value: string | number | boolean | null, untypedAs: UntypedAs | undefined): QueryParameter {
  const parameterValue = { value: value === null ? null : textOf(value) };
  return { parameterType: { type: untypedAs ?? typeOf(value) }, parameterValue };
}

const typeOf = (value: string | number | boolean | null): string => {
  if (typeof value === 'boolean') return 'BOOL';
  if (typeof value !== 'number') return 'STRING';
  return isInt64(value) ? 'INT64' : 'FLOAT64';
};

/** 2^53 itself is exact, and so are others that are integers beyond, but they may stand for what was not. */
const isInt64 = (value: number): boolean => Number.isInteger(value) && Math.abs(value) <= 2 ** 53;

const textOf = (value: string | number | boolean): string => (Object.is(value, -0) ? '0' : String(value));

function listParameter(
  values: readonly string[] | readonly number[],
  index: number,
  untypedAs: UntypedAs | undefined,
): QueryParameter {
  const types = new Set(values.map((value) => typeof value));
  if (types.size > 1 || (values.length > 0 && !types.has('string') && !types.has('number'))) {
    throw new MilongaError(
      'MILONGA_LAKE_QUERY_FAILED',
      `Parameter ${index} is a list of several types; a list is of strings or of numbers.`,
    );
  }
  const isNumeric = types.has('number');
  const numeric = (values as readonly number[]).every(isInt64) ? 'INT64' : 'FLOAT64';
  const type = untypedAs ?? (isNumeric ? numeric : 'STRING');
  return {
    parameterType: { type: 'ARRAY', arrayType: { type } },
    parameterValue: { arrayValues: values.map((value) => ({ value: textOf(value) })) },
  };
}
