import { type DuckDBConnection, DuckDBTableFunction, type DuckDBTableFunctionInfo, VARCHAR } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { type Frame, messageOf } from '@milonga/core';
import { handedType } from './column-types.ts';
import { writeColumn } from './write-column.ts';

/** The name under which SQL calls it: `FROM milonga_frame('key')`. */
export const FRAME_FUNCTION = 'milonga_frame';

/** Rows that a chunk of DuckDB holds. */
const CHUNK_ROWS = duckdb.vector_size();

interface Scan {
  next: number;
  readonly columns: readonly number[];
}

/**
 * Frames that statements of one DuckDB instance may read, without a copy into a table: DuckDB asks for the columns that
 * it needs, 2,048 rows at a time.
 */
export class FrameFunction {
  readonly #frames = new Map<string, Frame>();
  readonly #function: DuckDBTableFunction;
  #count = 0;

  /** Registers the function with an instance, through any connection of it. */
  constructor(connection: DuckDBConnection) {
    this.#function = DuckDBTableFunction.create({
      name: FRAME_FUNCTION,
      parameterTypes: [VARCHAR],
      supportsProjectionPushdown: true,
      bindFunction: (bind) => {
        const frame = this.#frames.get(String(bind.getParameter(0)));
        if (frame === undefined) {
          bind.setError(`${FRAME_FUNCTION} reads frames of the statement that it stands in`);
          return;
        }
        for (const [name, slot] of frame.layout.slots)
          bind.addResultColumn(name, handedType(frame.layout.types[slot]!));
        bind.setCardinality(frame.length, true);
        bind.setBindData(frame);
      },
      initFunction: (init) => {
        init.setInitData({ next: 0, columns: init.getColumnIndexes() } satisfies Scan);
        init.setMaxThreads(1);
      },
      mainFunction: (info, output) => {
        try {
          writeNext(info, output.chunk);
        } catch (error) {
          info.setError(messageOf(error));
        }
      },
    });
    connection.registerTableFunction(this.#function);
  }

  /** Lends a frame to statements until {@link takeBack}; gives the table expression that reads it. */
  lend(frame: Frame): { readonly key: string; readonly sql: string } {
    this.#count += 1;
    const key = `f${this.#count}`;
    this.#frames.set(key, frame);
    return { key, sql: `${FRAME_FUNCTION}('${key}')` };
  }

  takeBack(key: string): void {
    this.#frames.delete(key);
  }
}

function writeNext(info: DuckDBTableFunctionInfo, chunk: duckdb.DataChunk): void {
  const frame = info.bindData as Frame;
  const scan = info.initData as Scan;
  const count = Math.min(CHUNK_ROWS, frame.length - scan.next);
  duckdb.data_chunk_set_size(chunk, count);
  if (count === 0) return;
  scan.columns.forEach((slot, at) => {
    const column = frame.columns[slot]; // for a mere count of rows, DuckDB asks for a column that is none
    if (column !== undefined) writeColumn(duckdb.data_chunk_get_vector(chunk, at), column, scan.next, count);
  });
  scan.next += count;
}
