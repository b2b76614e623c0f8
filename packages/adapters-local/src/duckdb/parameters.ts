import { type DuckDBPreparedStatement, type DuckDBValue, LIST, listValue, SQLNULL, VARCHAR } from '@duckdb/node-api';
import { MilongaError, type SqlParameter } from '@milonga/core';
import { numberType } from './column-types.ts';

/**
 * Gives a statement its `?` values. Safe integers become BIGINT and other numbers DOUBLE; a list is one value.
 *
 * @throws MilongaError `MILONGA_LAKE_QUERY_FAILED` when their number is not that of the question marks.
 */
export function bindParameters(statement: DuckDBPreparedStatement, parameters: readonly SqlParameter[]): void {
  if (statement.parameterCount !== parameters.length) {
    throw new MilongaError(
      'MILONGA_LAKE_QUERY_FAILED',
      `The query has ${statement.parameterCount} parameters (?); ${parameters.length} values were given.`,
    );
  }
  for (const [at, value] of parameters.entries()) bindParameter(statement, at + 1, value);
}

function bindParameter(statement: DuckDBPreparedStatement, index: number, value: SqlParameter): void {
  if (value === null) statement.bindNull(index);
  else if (typeof value === 'string') statement.bindVarchar(index, value);
  else if (typeof value === 'boolean') statement.bindBoolean(index, value);
  else if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) statement.bindBigInt(index, BigInt(value));
    else statement.bindDouble(index, value);
  } else bindList(statement, index, value);
}

function bindList(
  statement: DuckDBPreparedStatement,
  index: number,
  values: readonly string[] | readonly number[],
): void {
  if (values.length === 0) {
    statement.bindList(index, listValue([]), LIST(SQLNULL));
  } else if (values.every((value) => typeof value === 'string')) {
    statement.bindList(index, listValue(values), LIST(VARCHAR));
  } else if (values.every((value) => typeof value === 'number')) {
    const isInteger = values.every((value) => Number.isSafeInteger(value));
    const list: readonly DuckDBValue[] = isInteger ? values.map(BigInt) : values;
    statement.bindList(index, listValue(list), LIST(numberType(isInteger)));
  } else {
    throw new MilongaError(
      'MILONGA_LAKE_QUERY_FAILED',
      `Parameter ${index} is a list of several types; a list is of strings or of numbers.`,
    );
  }
}
