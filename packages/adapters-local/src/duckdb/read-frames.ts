import {
  type DuckDBEnumType,
  type DuckDBListType,
  type DuckDBResult,
  type DuckDBType,
  DuckDBTypeId as Id,
} from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { Dictionary, type Fields, Frame, Layout, MilongaError } from '@milonga/core';
import { readColumn } from './read-column.ts';
import type { ColumnPlan } from './read-values.ts';
import { typeOfResult } from './result-types.ts';
import { StringCodes } from './string-codes.ts';

/** Strings of a dictionary before the next frame begins a new one, so that a long stream does not hold all it ever read. */
const MOST_STRINGS = 65_536;

/** Turns chunks of one result into frames of one layout, whose string columns share dictionaries. */
export class ChunkReader {
  readonly layout: Layout;
  readonly #plans: readonly ColumnPlan[];

  /** @throws MilongaError `MILONGA_LAKE_QUERY_FAILED` for columns that a frame cannot hold. */
  constructor(result: DuckDBResult) {
    const names = result.columnNames();
    checkNames(names);
    const types = result.columnTypes();
    this.#plans = names.map((name, at) => planOf(name, types[at]!));
    this.layout = Layout.of<Fields>(Object.fromEntries(this.#plans.map(({ name, type }) => [name, type])));
  }

  read(chunk: duckdb.DataChunk): Frame {
    const count = duckdb.data_chunk_get_size(chunk);
    const columns = this.#plans.map((plan, at) => readColumn(plan, duckdb.data_chunk_get_vector(chunk, at), count));
    return new Frame(this.layout, columns, count);
  }
}

function checkNames(names: readonly string[]): void {
  const repeated = names.find((name, at) => names.indexOf(name) !== at);
  if (repeated !== undefined) {
    throw new MilongaError(
      'MILONGA_LAKE_QUERY_FAILED',
      `Two columns of the result are called "${repeated}". Name one of them with AS.`,
    );
  }
}

function planOf(name: string, found: DuckDBType): ColumnPlan {
  let codes: StringCodes | undefined;
  return {
    name,
    found,
    type: typeOfResult(name, found),
    members: membersOf(found) ?? membersOf((found as Partial<DuckDBListType>).valueType),
    strings: () => {
      if (codes === undefined || codes.table.size >= MOST_STRINGS) codes = new StringCodes();
      return codes;
    },
  };
}

const membersOf = (type: DuckDBType | undefined): Dictionary | undefined =>
  type?.typeId === Id.ENUM ? new Dictionary((type as DuckDBEnumType).values, { isDistinct: true }) : undefined;
