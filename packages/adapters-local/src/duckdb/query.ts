import type { DuckDBResult } from '@duckdb/node-api';
import { Frame, MilongaError, type SqlParameter } from '@milonga/core';
import { queriedType } from './column-types.ts';
import { duckDialect } from './duck-dialect.ts';
import type { DuckEngine } from './engine.ts';
import { queryError } from './engine-errors.ts';
import { ChunkReader } from './read-frames.ts';
import type { Session } from './session.ts';

/** A query as the port has it, and what makes its tables known to the session that runs it. */
export interface Query {
  readonly sql: string;
  readonly parameters: readonly SqlParameter[];
  readonly frames: Readonly<Record<string, Frame>>;
  readonly signal?: AbortSignal | undefined;
  /** Makes the tables among `names` known to the session before the query is prepared, and gives those that are tables. */
  readonly bindTables: (session: Session, names: readonly string[]) => Promise<readonly string[]>;
}

/** Rows of a frame of a result, about; the engine gives 2,048 at a time at most, and fewer after a filter. */
const ROWS_PER_FRAME = 8_192;

/**
 * Runs a query; frames come as the engine makes them.
 *
 * @throws MilongaError `MILONGA_LAKE_QUERY_FAILED`, `MILONGA_ABORTED`, `MILONGA_CLOSED`, `MILONGA_STORAGE_FULL`.
 */
export async function* runQuery(engine: DuckEngine, query: Query): AsyncGenerator<Frame> {
  const { session, giveBack } = await engine.borrow(query.signal);
  const lent = new Map<string, string>();
  try {
    const names = [...session.tableNames(query.sql), ...Object.keys(query.frames)];
    checkFrameNames(Object.keys(query.frames), await query.bindTables(session, names));
    for (const [name, frame] of Object.entries(query.frames)) lent.set(name, await lend(engine, session, name, frame));
    const result = await engine.queries.through(
      () => session.stream(query.sql, query.parameters, query.signal),
      query.signal,
    );
    yield* read(engine, session, result, query.signal);
  } catch (error) {
    throw queryError(error);
  } finally {
    await session.settle();
    for (const [name, key] of lent) {
      await session.run(`DROP VIEW IF EXISTS temp.${duckDialect.identifier(name)}`).catch(() => undefined); // it is closing
      engine.frames.takeBack(key);
    }
    giveBack();
  }
}

function checkFrameNames(names: readonly string[], tables: readonly string[]): void {
  const taken = new Set(tables.map((name) => name.toLowerCase()));
  for (const name of names) {
    if (taken.has(name.toLowerCase())) {
      throw new MilongaError(
        'MILONGA_LAKE_QUERY_FAILED',
        `The frame "${name}" has the name of a table or of another frame, as SQL sees it; give it another.`,
      );
    }
    taken.add(name.toLowerCase());
  }
}

/** Makes a frame a table for the statements of a session; gives the key by which it is taken back. */
async function lend(engine: DuckEngine, session: Session, name: string, frame: Frame): Promise<string> {
  const { key, sql } = engine.frames.lend(frame);
  try {
    await session.run(`CREATE OR REPLACE TEMP VIEW ${duckDialect.identifier(name)} AS ${frameSource(frame, sql)}`);
    return key;
  } catch (error) {
    engine.frames.takeBack(key);
    throw error;
  }
}

/** A frame's timestamps are milliseconds; tables have the engine's timestamps. */
export function frameSource(frame: Frame, sql: string): string {
  const columns = frame.layout.names.map((name, slot) => {
    const quoted = duckDialect.identifier(name);
    const type = frame.layout.types[slot]!;
    const isTimed = type.kind === 'timestamp' || type.element?.kind === 'timestamp';
    return isTimed ? `CAST(${quoted} AS ${queriedType(type)}) AS ${quoted}` : quoted;
  });
  return `SELECT ${columns.join(', ')} FROM ${sql}`;
}

/** Chunks put together to frames of a good size. */
async function* read(
  engine: DuckEngine,
  session: Session,
  result: DuckDBResult,
  signal: AbortSignal | undefined,
): AsyncGenerator<Frame> {
  const reader = new ChunkReader(result);
  let waiting: Frame[] = [];
  let rows = 0;
  for (;;) {
    const chunk = await engine.queries.through(() => session.fetch(result, signal), signal);
    if (chunk !== undefined) waiting.push(reader.read(chunk.chunk));
    rows += chunk?.rowCount ?? 0;
    if (rows >= ROWS_PER_FRAME || (chunk === undefined && rows > 0)) {
      yield Frame.concat(waiting);
      waiting = [];
      rows = 0;
    }
    if (chunk === undefined) return;
  }
}
