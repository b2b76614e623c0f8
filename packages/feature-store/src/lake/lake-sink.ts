import {
  type EventBatch,
  type EventDefinition,
  type EventSink,
  FrameBuilder,
  type Lake,
  type LakeTable,
  type Logger,
  lakeTableOf,
  METRICS,
  MilongaError,
  measure,
  messageOf,
  type OffsetRange,
  quarantined,
  SPANS,
  tracer,
} from '@milonga/core';
import { quarantineMessage } from '../collect/quarantine.ts';
import { type DecodedEvent, decodeEvent } from '../streams/decode-event.ts';

/** How events are put together before they are appended. */
export interface LakeSinkOptions {
  /** Rows that are appended at once, as soon as they are there. Default: 50,000. */
  readonly maxRows?: number;
  /** Longest time that an event waits for company, in real time. Default: 5,000 ms. */
  readonly maxDelayMs?: number;
  /** Is told of every append. */
  readonly onAppended?: () => void;
}

/** What a lake sink needs. */
export interface LakeSinkPorts {
  readonly lake: Lake;
  /** For what cannot be decoded. */
  readonly sink: EventSink;
  readonly log: Logger;
}

interface Waiting {
  readonly batch: EventBatch;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Appends the events of one topic to their table, a few large batches rather than many small ones.
 *
 * A batch of the log is handled when the lake has it, so the log's position never runs ahead of the lake; while it waits, the
 * log collects the next one. The lake knows the offsets that it has: events at or below are left out.
 */
export class LakeSink {
  readonly #event: EventDefinition;
  readonly #table: LakeTable;
  readonly #ports: LakeSinkPorts;
  readonly #maxRows: number;
  readonly #maxDelayMs: number;
  readonly #onAppended: (() => void) | undefined;
  #waiting: Waiting[] = [];
  #rows = 0;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #urgent = 0;

  constructor(event: EventDefinition, ports: LakeSinkPorts, options: LakeSinkOptions = {}) {
    this.#event = event;
    this.#table = lakeTableOf(event);
    this.#ports = ports;
    this.#maxRows = options.maxRows ?? 50_000;
    this.#maxDelayMs = options.maxDelayMs ?? 5_000;
    this.#onAppended = options.onAppended;
  }

  /** Resolves when every event of the batch is in the lake, or in the quarantine. */
  append(batch: EventBatch): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject });
      this.#rows += batch.events.length;
      if (this.#urgent > 0 || this.#rows >= this.#maxRows) this.#flush();
      else this.#timer ??= setTimeout(() => this.#flush(), this.#maxDelayMs);
    });
  }

  /** While `work` runs nothing waits for company. */
  async hurry(work: () => Promise<void>): Promise<void> {
    this.#urgent += 1;
    this.#flush();
    try {
      await work();
    } finally {
      this.#urgent -= 1;
    }
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#rows = 0;
    this.#running = this.#running.then(() => this.#appendAll(waiting));
  }

  async #appendAll(waiting: readonly Waiting[]): Promise<void> {
    try {
      await tracer().startActiveSpan(SPANS.lakeAppend, { attributes: { 'event.type': this.#event.name } }, (span) =>
        this.#appendBatches(waiting.map(({ batch }) => batch)).finally(() => span.end()),
      );
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      this.#ports.log.warn('A batch could not be appended to the lake; it is delivered again', {
        event: this.#event.name,
        error: messageOf(error),
      });
      for (const { reject } of waiting) reject(error);
    }
  }

  async #appendBatches(batches: readonly EventBatch[]): Promise<void> {
    const { lake } = this.#ports;
    const positions = await lake.positions(this.#table.name);
    const builder = new FrameBuilder(this.#table.fields, {
      capacity: batches.reduce((rows, { events }) => rows + events.length, 0),
    });
    const ranges: OffsetRange[] = [];
    for (const batch of batches) {
      const range = await this.#addRows(batch, positions.get(batch.partition) ?? -1, builder);
      if (range !== undefined) ranges.push(range);
    }
    const rows = builder.finish();
    if (rows.length === 0) return;
    await lake.append(this.#table.name, rows, { ranges });
    measure(METRICS.eventsLanded!, rows.length, { 'event.type': this.#event.name });
    this.#onAppended?.();
  }

  async #addRows(
    { partition, events }: EventBatch,
    position: number,
    builder: FrameBuilder,
  ): Promise<OffsetRange | undefined> {
    let first: number | undefined;
    let last = -1;
    for (const received of events) {
      const { offset } = received;
      if (offset === undefined) throw noOffsets(this.#event.name);
      if (offset <= position) continue;
      const event = decodeEvent(this.#event, received);
      if (event instanceof Error) await this.#quarantine(received.value, partition, offset, event);
      else {
        builder.append(rowOf(event, partition, offset));
        first ??= offset;
        last = offset;
      }
    }
    return first === undefined ? undefined : { partition, first, last };
  }

  async #quarantine(value: Uint8Array, partition: number, offset: number, error: MilongaError): Promise<void> {
    const id = `${this.#event.name}/${partition}/${offset}`;
    const reason = `undecodable in the log at partition ${partition}, offset ${offset}: ${error.message}`;
    const payload = { base64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
    const message = quarantineMessage({ id, type: this.#event.name, reason, payload, receivedAt: Date.now() });
    for (const outcome of await this.#ports.sink.publish(quarantined.name, [message]))
      if (outcome.status === 'failed') throw outcome.error;
  }
}

const rowOf = ({ payload, id, eventAt, ingestedAt }: DecodedEvent, partition: number, offset: number): never =>
  ({ ...payload, id, eventAt, ingestedAt, partition, offset }) as never;

const noOffsets = (event: string): MilongaError =>
  new MilongaError(
    'MILONGA_LAKE_APPEND_FAILED',
    `Events of "${event}" come without offsets; the lake tells what it has by offsets. Use a broker with positions.`,
  );
