import {
  type ListAppend,
  METRICS,
  MilongaError,
  measure,
  type OnlineRow,
  type OnlineRowWrite,
  type OnlineStore,
  SPANS,
  throwIfAborted,
  tracer,
} from '@milonga/core';
import { within } from '../client/call-limit.ts';
import { type Command, exchange, type ReplicaWait, type Reply } from '../client/exchange.ts';
import { closed, type PortCodes, portError, reasonOf } from '../client/failures.ts';
import { type Nodes, nodesOf } from '../client/nodes.ts';
import type { Connection } from '../client/shared-connection.ts';
import type { RedisSettings } from '../redis-options.ts';
import { checkList, expiryArgument } from './arguments.ts';
import { chunksOf } from './chunks.ts';
import { redisKey } from './redis-key.ts';
import { ColumnPicker } from './row-codec.ts';
import { RowReader } from './row-reader.ts';
import { APPEND_LIST, WRITE_ROW } from './scripts.ts';

const WHAT = 'online store';
const CODES: PortCodes = { unavailable: 'MILONGA_ONLINE_STORE_UNAVAILABLE', timeout: 'MILONGA_ONLINE_STORE_TIMEOUT' };
const KEYS_PER_TRIP = 1_024;
/** Of a write's time: so that the answer about replicas comes before the time is up. */
const REPLICAS_SHARE = 0.8;
const LONGEST_LIST = 2 ** 31;

type Cancellable = { readonly signal?: AbortSignal };
type Operation = 'read-rows' | 'write-rows' | 'delete-rows' | 'append-lists' | 'read-lists';

/** Rows and bounded lists on Redis: a row is one value, whatever views it has, and is read by one command. */
export class RedisOnlineStore implements OnlineStore {
  readonly slots: number;
  readonly #connection: Connection;
  readonly #settings: RedisSettings;
  readonly #nodes: Nodes;
  readonly #rows: RowReader;
  readonly #underway = new Set<Promise<unknown>>();
  #hasAnswered = false;
  #closing: Promise<void> | undefined;

  constructor(connection: Connection, settings: RedisSettings) {
    this.#connection = connection;
    this.#settings = settings;
    this.#nodes = nodesOf(connection.client, settings.readFrom);
    this.slots = this.#nodes.slots;
    this.#rows = new RowReader(this.#nodes, settings.cache);
  }

  placement(key: string): number {
    return this.#nodes.slotOf(this.#key('r', key));
  }

  readRows(
    keys: readonly string[],
    columns: readonly string[],
    options: Cancellable = {},
  ): Promise<readonly (OnlineRow | undefined)[]> {
    return this.#call('read-rows', options.signal, async (trip) => {
      const picker = new ColumnPicker(columns);
      const names = keys.map((key) => this.#key('r', key));
      const rows: (OnlineRow | undefined)[] = [];
      for (let at = 0; at < names.length; at += KEYS_PER_TRIP) {
        const some = at === 0 && names.length <= KEYS_PER_TRIP ? names : names.slice(at, at + KEYS_PER_TRIP);
        for (const row of await this.#rows.read(some, trip)) rows.push(row && picker.pick(row));
      }
      return rows;
    });
  }

  writeRows(rows: readonly OnlineRowWrite[], options: Cancellable = {}): Promise<void> {
    return this.#call('write-rows', options.signal, async (trip) => {
      const writes = rows.map(({ key, columns, timeToLive }) => ({
        key: this.#key('r', key),
        expiry: expiryArgument(timeToLive, key),
        columns: Object.entries(columns),
      }));
      const sizeOf = ({ columns }: (typeof writes)[number]): number =>
        columns.reduce((sum, [, value]) => sum + value.length, 0);
      for (const chunk of chunksOf(writes, sizeOf)) {
        const commands = chunk.map(({ key, expiry, columns }): Command => {
          const values = [expiry, ...columns.flatMap(([name, value]) => [name, Buffer.from(value)])];
          return this.#command(key, (pipeline, isKnown) => WRITE_ROW.send(pipeline, isKnown, [key], values));
        });
        await this.#rows.changing(
          chunk.map(({ key }) => key),
          () => trip(commands, true),
        );
      }
    });
  }

  deleteRows(keys: readonly string[], options: Cancellable = {}): Promise<void> {
    return this.#call('delete-rows', options.signal, async (trip) => {
      const names = keys.map((key) => this.#key('r', key));
      for (const chunk of chunksOf(names, () => 0)) {
        const commands = chunk.map((key) => this.#command(key, (pipeline) => pipeline.unlink(key)));
        await this.#rows.changing(chunk, () => trip(commands, true));
      }
    });
  }

  appendLists(lists: readonly ListAppend[], options: Cancellable = {}): Promise<void> {
    return this.#call('append-lists', options.signal, async (trip) => {
      for (const list of lists) checkList(list);
      const appends = lists.map(({ key, values, maxLength, timeToLive }) => ({
        key: this.#key('l', key),
        maxLength,
        expiry: expiryArgument(timeToLive, key),
        values: values.slice(Math.max(0, values.length - maxLength)),
      }));
      const sizeOf = ({ values }: (typeof appends)[number]): number =>
        values.reduce((sum, value) => sum + value.length, 0);
      for (const chunk of chunksOf(appends, sizeOf)) {
        const commands = chunk.map(({ key, maxLength, expiry, values }): Command => {
          const sent = [maxLength, expiry, ...values.map((value) => Buffer.from(value))];
          return this.#command(key, (pipeline, isKnown) => APPEND_LIST.send(pipeline, isKnown, [key], sent));
        });
        await trip(commands, false);
      }
    });
  }

  readLists(
    keys: readonly string[],
    { limit, signal }: { readonly limit: number; readonly signal?: AbortSignal },
  ): Promise<readonly (readonly Uint8Array[])[]> {
    return this.#call('read-lists', signal, async (trip) => {
      const names = keys.map((key) => this.#key('l', key));
      const count = Math.min(Math.floor(limit), LONGEST_LIST);
      if (!(count > 0)) return names.map(() => []);
      const lists: Uint8Array[][] = [];
      for (const chunk of chunksOf(names, () => 0)) {
        const commands = chunk.map((key) => this.#command(key, (pipeline) => pipeline.lrangeBuffer(key, -count, -1)));
        for (const { value } of await trip(commands, true)) lists.push(value as Uint8Array[]);
      }
      return lists;
    });
  }

  /** Waits for calls that have begun, which their limits end. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#underway).then(() => {
      this.#rows.close();
      this.#nodes.close();
      this.#connection.release();
    });
    return this.#closing;
  }

  #key(kind: string, key: string): string {
    return redisKey(this.#settings.keyPrefix, kind, key);
  }

  #command(key: string, send: Command['send']): Command {
    return { slot: this.#nodes.slotOf(key), send };
  }

  async #call<T>(operation: Operation, signal: AbortSignal | undefined, work: (trip: Trip) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw closed(WHAT);
    throwIfAborted(signal, WHAT);
    const span = tracer().startSpan(SPANS.onlineStore, { attributes: { operation } });
    const startedAt = performance.now();
    let outcome = 'ok';
    const trip: Trip = (commands, mayRepeat) => this.#trip(operation, commands, mayRepeat, signal);
    const underway = work(trip);
    this.#underway.add(underway);
    try {
      return await underway;
    } catch (error) {
      const failure = portError(CODES, WHAT, error, this.#connection.lastError());
      outcome = failure.code === CODES.timeout ? 'timeout' : failure.code === 'MILONGA_ABORTED' ? 'aborted' : 'failed';
      span.recordException(failure);
      throw failure;
    } finally {
      this.#underway.delete(underway);
      measure(METRICS.onlineDuration, performance.now() - startedAt, { operation, outcome });
      span.end();
    }
  }

  async #trip(
    operation: Operation,
    commands: readonly Command[],
    mayRepeat: boolean,
    signal: AbortSignal | undefined,
  ): Promise<readonly Reply[]> {
    if (commands.length === 0) return [];
    throwIfAborted(signal, WHAT);
    const { readTimeoutMs, writeTimeoutMs, connectTimeoutMs, writeReplicas } = this.#settings;
    const isRead = operation.startsWith('read');
    const limitMs = isRead ? readTimeoutMs : writeTimeoutMs;
    const replicas: ReplicaWait | undefined =
      isRead || writeReplicas === 0
        ? undefined
        : { count: writeReplicas, timeoutMs: Math.max(1, Math.floor(limitMs * REPLICAS_SHARE)) };
    const timeoutMs = this.#hasAnswered ? limitMs : Math.max(limitMs, connectTimeoutMs);
    const onTimeout = (): MilongaError => this.#late(timeoutMs);
    const replies = await within(exchange(this.#nodes, commands, { mayRepeat, replicas }), {
      timeoutMs,
      onTimeout,
      what: WHAT,
      signal,
    });
    this.#hasAnswered = true;
    return replies;
  }

  #late(timeoutMs: number): MilongaError {
    const cause = this.#connection.lastError();
    const why = cause === undefined ? '' : ` The last error of a connection was: ${reasonOf(cause)}.`;
    const isConnected = this.#hasAnswered && this.#nodes.isConnected;
    return new MilongaError(
      isConnected ? CODES.timeout : CODES.unavailable,
      isConnected
        ? `Redis did not answer within ${timeoutMs} ms.${why} Retry, or raise \`readTimeoutMs\` or \`writeTimeoutMs\`.`
        : `No connection to Redis within ${timeoutMs} ms.${why} See whether it runs and can be reached, then retry.`,
      { cause, isRetryable: true },
    );
  }
}

/** Sends commands within the limits of the call. */
export type Trip = (commands: readonly Command[], mayRepeat: boolean) => Promise<readonly Reply[]>;
