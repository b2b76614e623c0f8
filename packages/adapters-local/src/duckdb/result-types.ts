import { type DuckDBArrayType, type DuckDBListType, type DuckDBType, DuckDBTypeId as Id } from '@duckdb/node-api';
import {
  boolean,
  float32,
  float64,
  int32,
  list,
  MilongaError,
  nullable,
  string,
  timestamp,
  type ValueType,
  vector,
} from '@milonga/core';

type Plain = ValueType & { readonly isNullable: false };

const PLAIN: Readonly<Partial<Record<Id, () => Plain>>> = {
  [Id.BOOLEAN]: boolean,
  [Id.TINYINT]: int32,
  [Id.SMALLINT]: int32,
  [Id.INTEGER]: int32,
  [Id.UTINYINT]: int32,
  [Id.USMALLINT]: int32,
  [Id.UINTEGER]: float64,
  [Id.BIGINT]: float64,
  [Id.UBIGINT]: float64,
  [Id.HUGEINT]: float64,
  [Id.UHUGEINT]: float64,
  [Id.FLOAT]: float32,
  [Id.DOUBLE]: float64,
  [Id.VARCHAR]: string,
  [Id.ENUM]: string,
  [Id.SQLNULL]: string,
  [Id.TIMESTAMP]: timestamp,
  [Id.TIMESTAMP_S]: timestamp,
  [Id.TIMESTAMP_MS]: timestamp,
  [Id.TIMESTAMP_NS]: timestamp,
  [Id.TIMESTAMP_TZ]: timestamp,
  [Id.DATE]: timestamp,
};

/**
 * The type of the column of a frame that a column of a result becomes. Every one is nullable: the engine does not say
 * which ones cannot be.
 *
 * @throws MilongaError `MILONGA_LAKE_QUERY_FAILED` for types that frames do not have; the query must cast them.
 */
export function typeOfResult(name: string, type: DuckDBType): ValueType {
  const found = PLAIN[type.typeId]?.() ?? nestedType(type);
  if (found !== undefined) return nullable(found);
  throw new MilongaError(
    'MILONGA_LAKE_QUERY_FAILED',
    `Column "${name}" of the result is ${type}, which a frame cannot hold. Cast it in the query, for example CAST("${name}" AS DOUBLE) or AS VARCHAR.`,
  );
}

function nestedType(type: DuckDBType): Plain | undefined {
  if (type.typeId === Id.ARRAY && (type as DuckDBArrayType).valueType.typeId === Id.FLOAT)
    return vector((type as DuckDBArrayType).length);
  if (type.typeId !== Id.LIST) return undefined;
  const element = PLAIN[(type as DuckDBListType).valueType.typeId]?.();
  if (element === undefined || element.kind === 'boolean') return undefined;
  return list(element.kind === 'float32' ? float64() : (element as ReturnType<typeof string>));
}
