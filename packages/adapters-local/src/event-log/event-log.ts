import type { EventMessage, MilongaError } from '@milonga/core';
import type { Bytes, Environment } from '../environment/environment.ts';
import { ChunkReader, publishedAt } from './chunk-reader.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { partitionOf } from './partition-of.ts';
import type { Topic } from './topics.ts';

const KEY_BYTES = 12;
const LAST_OFFSET = 2 ** 48 - 1;

/**
 * The stored events: chunks by `topic u32 | partition u16 | first offset u48`, big-endian, so that a partition lies in
 * order, and beside them the offset that each partition's next event will have.
 *
 * Methods whose names end in `Now` must be called inside a write transaction.
 */
export class EventLog {
  readonly #environment: Environment;
  readonly #chunks: Bytes;
  readonly #ends: Bytes;
  readonly #key: Buffer = Buffer.alloc(KEY_BYTES);
  readonly #writers: ChunkWriter[] = [];
  readonly #double: Buffer = Buffer.alloc(8);

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#chunks = environment.database('chunks');
    this.#ends = environment.database('ends');
  }

  /** Appends events from `start` on until `isTimeUp`, and gives the place of the first that is not stored yet. */
  appendNow(
    topic: Topic,
    events: readonly EventMessage[],
    start: number,
    isTimeUp: () => boolean,
    onInvalid: (at: number, error: MilongaError) => void,
  ): number {
    const touched = new Set<number>();
    let at = start;
    for (; at < events.length; at += 1) {
      if (at > start && (at & 63) === 0 && isTimeUp()) break;
      const event = events[at]!;
      const partition = partitionOf(event.key, topic.partitions);
      const writer = this.#writer(partition);
      if (!touched.has(partition)) {
        touched.add(partition);
        writer.begin();
      }
      const error = writer.add(event);
      if (error !== undefined) onInvalid(at, error);
      if (writer.isFull) this.#flushNow(topic, partition, writer);
    }
    for (const partition of touched) this.#flushNow(topic, partition, this.#writer(partition));
    return at;
  }

  #writer(partition: number): ChunkWriter {
    let writer = this.#writers[partition];
    if (writer === undefined) {
      writer = new ChunkWriter();
      this.#writers[partition] = writer;
    }
    return writer;
  }

  #flushNow(topic: Topic, partition: number, writer: ChunkWriter): void {
    const { events } = writer;
    if (events > 0) {
      const first = this.endOffset(topic, partition);
      this.#environment.put(this.#chunks, this.#keyOf(topic, partition, first), writer.finish(Date.now()));
      this.#double.writeDoubleLE(first + events);
      this.#environment.put(this.#ends, this.#keyOf(topic, partition, 0), this.#double);
    }
    writer.begin();
    writer.shrink();
  }

  /** The offset that the next event of a partition will have. */
  endOffset(topic: Topic, partition: number): number {
    const stored = this.#ends.getBinaryFast(this.#keyOf(topic, partition, 0));
    return stored === undefined ? 0 : Buffer.prototype.readDoubleLE.call(stored, 0);
  }

  /** The offset of the first event that is still there; the end offset when there is none. */
  firstOffset(topic: Topic, partition: number): number {
    return this.#seek(topic, partition, 0) ?? this.endOffset(topic, partition);
  }

  /** The chunk with the event at `offset`, read up to it; or the first one after a gap; `undefined` when nothing follows. */
  readFrom(topic: Topic, partition: number, offset: number): ChunkReader | undefined {
    return this.#environment.read(() => {
      const exact = this.#chunk(topic, partition, offset);
      if (exact !== undefined || offset >= this.endOffset(topic, partition)) return exact;
      const before = this.#seekBack(topic, partition, offset);
      const around = before === undefined ? undefined : this.#chunk(topic, partition, before);
      around?.skipTo(offset);
      if (around !== undefined && !around.isDone) return around;
      const next = this.#seek(topic, partition, offset);
      return next === undefined ? undefined : this.#chunk(topic, partition, next);
    });
  }

  #chunk(topic: Topic, partition: number, first: number): ChunkReader | undefined {
    const shared = this.#chunks.getBinaryFast(this.#keyOf(topic, partition, first));
    if (shared === undefined) return undefined;
    const own = Buffer.allocUnsafeSlow(shared.length);
    Buffer.prototype.copy.call(shared, own, 0, 0, own.length);
    return new ChunkReader(own, first);
  }

  /** First offset of the first chunk at or after `offset`. */
  #seek(topic: Topic, partition: number, offset: number): number | undefined {
    const start = this.#newKey(topic, partition, offset);
    const end = this.#newKey(topic, partition, LAST_OFFSET);
    for (const key of this.#chunks.getKeys({ start, end, limit: 1 })) return offsetIn(key);
    return undefined;
  }

  /** First offset of the last chunk at or before `offset`. */
  #seekBack(topic: Topic, partition: number, offset: number): number | undefined {
    const start = this.#newKey(topic, partition, offset);
    for (const key of this.#chunks.getKeys({ start, reverse: true, limit: 1 })) {
      return Buffer.compare(Buffer.from(key).subarray(0, 6), start.subarray(0, 6)) === 0 ? offsetIn(key) : undefined;
    }
    return undefined;
  }

  /** Removes up to `limit` chunks that were published before `before`, and gives how many. */
  async removeBefore(topic: Topic, partition: number, before: number, limit: number): Promise<number> {
    const first = this.#environment.read(() => this.#seek(topic, partition, 0));
    if (first === undefined || !this.#isOlder(topic, partition, first, before)) return 0;
    return this.#environment.write(() => {
      const range = {
        start: this.#newKey(topic, partition, 0),
        end: this.#newKey(topic, partition, LAST_OFFSET),
        limit,
      };
      const keys = [...this.#chunks.getKeys(range)].map((key) => Buffer.from(key));
      let removed = 0;
      while (removed < keys.length && this.#isOlder(topic, partition, offsetIn(keys[removed]!), before)) {
        this.#environment.remove(this.#chunks, keys[removed]!);
        removed += 1;
      }
      return removed;
    });
  }

  #isOlder(topic: Topic, partition: number, first: number, before: number): boolean {
    const chunk = this.#chunks.getBinaryFast(this.#keyOf(topic, partition, first));
    return chunk !== undefined && publishedAt(chunk) < before;
  }

  #newKey(topic: Topic, partition: number, offset: number): Buffer {
    return Buffer.from(this.#keyOf(topic, partition, offset));
  }

  /** Valid until the next call. */
  #keyOf(topic: Topic, partition: number, offset: number): Buffer {
    this.#key.writeUInt32BE(topic.id, 0);
    this.#key.writeUInt16BE(partition, 4);
    this.#key.writeUIntBE(offset, 6, 6);
    return this.#key;
  }
}

const offsetIn = (key: Uint8Array): number => Buffer.prototype.readUIntBE.call(key, 6, 6);
