import { Frame, MilongaError, type SqlParameter } from '@milonga/core';
import type { DuckDBResult } from '@duckdb/node-api';
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
  readonly signal: AbortSignal;
  /** Called with the names after FROM and JOIN, before the query is prepared. */
  readonly bindTables: (session: Session, names: readonly string[]) => Promise<void>;
}

/** Rows of a frame of a result, about; the engine gives 2,048 at a time at most, and fewer after a filter. */
const ROWS_PER_FRAME = 8_192;

/** Runs a query; frames come as the engine makes them. @throws MilongaError */
export async function* runQuery(engine: DuckEngine, query: Query): AsyncGenerator<Frame> {
  engine.checkOpen();
  yield* engine.streamWithSession((session) => framesOf(engine, session, query));
}

async function* framesOf(engine: DuckEngine, session: Session, query: Query): AsyncGenerator<Frame> {
  const lent: { readonly key: string; readonly name: string }[] = [];
  try {
    const names = session.connection.getTableNames(query.sql, false);
    await query.bindTables(session, names);
    for (const [name, frame] of Object.entries(query.frames)) lent.push(await lend(engine, session, name, frame));
    const result = await begin(engine, session, query);
    yield* read(engine, session, result, query.signal);
  } catch (error) {
    throw queryError(error);
  } finally {
    for (const { key, name } of lent) {
      engine.frames.takeBack(key);
      await session.run(`DROP VIEW IF EXISTS temp.${duckDialect.identifier(name)}`).catch(() => undefined); // the engine is going down
    }
  }
}

async function lend(engine: DuckEngine, session: Session, name: string, frame: Frame): Promise<{ readonly key: string; readonly name: string }> {
  if (session.views.has(name.toLowerCase())) {
    throw new MilongaError('MILONGA_LAKE_QUERY_FAILED', `The frame "${name}" has the name of a table of the lake; give it another.`);
  }
  const { key, sql } = engine.frames.lend(frame);
  await session.run(`CREATE OR REPLACE TEMP VIEW ${duckDialect.identifier(name)} AS ${frameSource(frame, sql)}`);
  return { key, name };
}

/** A frame's timestamps are milliseconds; tables have the engine's timestamps. */
function frameSource(frame: Frame, sql: string): string {
  const columns = frame.layout.names.map((name, slot) => {
    const quoted = duckDialect.identifier(name);
    const { kind, element } = frame.layout.types[slot]!;
    if (kind === 'timestamp') return `CAST(${quoted} AS TIMESTAMP) AS ${quoted}`;
    return element?.kind === 'timestamp' ? `CAST(${quoted} AS TIMESTAMP[]) AS ${quoted}` : quoted;
  });
  return `SELECT ${columns.join(', ')} FROM ${sql}`;
}

function begin(engine: DuckEngine, session: Session, { sql, parameters, signal }: Query): Promise<DuckDBResult> {
  return engine.queries.through(async () => {
    const statement = await session.prepare(sql, parameters);
    try {
      return await session.stream(statement, signal);
    } finally {
      statement.destroySync();
    }
  });
}

/** Chunks put together to frames of a good size. */
async function* read(engine: DuckEngine, session: Session, result: DuckDBResult, signal: AbortSignal): AsyncGenerator<Frame> {
  const reader = new ChunkReader(result);
  let waiting: Frame[] = [];
  let rows = 0;
  for (;;) {
    const chunk = await engine.queries.through(() => session.interruptible(signal, () => result.fetchChunk()));
    const frame = chunk === null || chunk.rowCount === 0 ? undefined : reader.read(chunk.chunk);
    if (frame !== undefined) waiting.push(frame);
    rows += frame?.length ?? 0;
    if (rows >= ROWS_PER_FRAME || (frame === undefined && rows > 0)) {
      yield Frame.concat(waiting);
      waiting = [];
      rows = 0;
    }
    if (frame === undefined) return;
  }
}
