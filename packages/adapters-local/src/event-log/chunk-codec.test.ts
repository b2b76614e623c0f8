import type { EventMessage, ReceivedEvent } from '@milonga/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChunkReader } from './chunk-reader.ts';
import { ChunkWriter } from './chunk-writer.ts';

const text = fc.oneof(fc.string({ maxLength: 100 }), fc.string({ unit: 'grapheme', maxLength: 100 }));
const event: fc.Arbitrary<EventMessage> = fc.record(
  {
    id: text,
    key: text,
    eventAt: fc.double({ noNaN: true }),
    ingestedAt: fc.double({ noNaN: true }),
    value: fc.uint8Array({ maxLength: 300 }),
    headers: fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }),
  },
  { requiredKeys: ['id', 'key', 'eventAt', 'ingestedAt', 'value'] },
);

const writer = new ChunkWriter();
function packed(events: readonly EventMessage[]): Buffer {
  writer.begin();
  for (const one of events) expect(writer.add(one)).toBeUndefined();
  return Buffer.from(writer.finish(1_234));
}

test('what was packed is unpacked, in pieces of any size', () => {
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 30 }),
      fc.nat(40),
      fc.integer({ min: 1, max: 10 }),
      (events, skipped, step) => {
        const reader = new ChunkReader(packed(events), 100);
        reader.skipTo(100 + skipped);
        const read: ReceivedEvent[] = [];
        while (!reader.isDone) reader.take(read, step);
        expect(reader.offset).toBe(100 + events.length);
        expect(read).toEqual(
          events.slice(skipped).map((one, i) => ({
            ...one,
            ...(one.headers === undefined || Object.keys(one.headers).length > 0 ? {} : { headers: {} }),
            offset: 100 + Math.min(skipped, events.length) + i,
          })),
        );
      },
    ),
  );
});

test('a chunk with any byte changed or cut off is MILONGA_STORAGE_CORRUPT, never other events', () => {
  const events = Array.from({ length: 20 }, (_, i) => ({
    id: `id-${i}`,
    key: 'k',
    eventAt: i,
    ingestedAt: i,
    value: Buffer.from(`value ${i}`),
  }));
  const chunk = packed(events);
  const corrupt = expect.objectContaining({ code: 'MILONGA_STORAGE_CORRUPT' });
  fc.assert(
    fc.property(fc.nat(chunk.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = Buffer.from(chunk);
      changed[at] = changed[at]! ^ change;
      expect(() => {
        const reader = new ChunkReader(changed, 0);
        reader.take([], Infinity);
      }).toThrow(corrupt);
    }),
    { numRuns: 300 },
  );
  for (const length of [0, 1, 23, 24, 100, chunk.length - 1])
    expect(() => new ChunkReader(chunk.subarray(0, length), 0)).toThrow(corrupt);
});

test('an event that cannot be stored says why and leaves the others', () => {
  const good: EventMessage = { id: 'good', key: 'k', eventAt: 1, ingestedAt: 2, value: new Uint8Array(1) };
  writer.begin();
  expect(writer.add({ ...good, value: 'text' as unknown as Uint8Array })).toMatchObject({
    code: 'MILONGA_SCHEMA_INVALID',
  });
  expect(writer.add({ ...good, id: 'x'.repeat(70_000) })).toMatchObject({ code: 'MILONGA_SCHEMA_INVALID' });
  expect(writer.add(good)).toBeUndefined();
  const read: ReceivedEvent[] = [];
  new ChunkReader(Buffer.from(writer.finish(0)), 0).take(read, Infinity);
  expect(read.map(({ id }) => id)).toEqual(['good']);
});
