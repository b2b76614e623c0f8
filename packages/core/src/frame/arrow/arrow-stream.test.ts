import { tableFromIPC } from 'apache-arrow';
import { expect, it } from 'vitest';
import { boolean, enumeration, float32, float64, int32, list, nullable, string, timestamp, vector } from '../../schema/index.ts';
import { Frame } from '../frame.ts';
import { fromArrowStream } from './from-arrow-stream.ts';
import { toArrowStream } from './to-arrow-stream.ts';

const fields = {
  id: string(), at: timestamp(), live: boolean(), tags: list(string()), moments: nullable(list(timestamp())), where: vector(2), price: nullable(float64()),
  count: int32(), share: float32(), device: nullable(enumeration('phone', 'desktop')), note: nullable(string()),
};
const rows = [
  { id: 'a', at: 1_790_000_000_123, live: true, tags: ['x', 'y'], moments: [-1, 2 ** 40], where: Float32Array.of(1, 2), price: null, count: -3, share: 0.5, device: 'phone', note: null },
  { id: 'b', at: -5, live: false, tags: [], moments: null, where: Float32Array.of(3, 4), price: 0.5, count: 7, share: -1, device: 'desktop', note: 'é' },
  { id: 'c', at: 0, live: true, tags: ['y'], moments: [7], where: Float32Array.of(5, 6), price: Number.NaN, count: 0, share: 0, device: null, note: '' },
] as const;
it('goes and comes back', () => {
  const frame = Frame.fromRows(fields, rows);
  const bytes = toArrowStream([frame, frame.slice(1)]);
  const back = fromArrowStream(bytes);
  expect(back[0]!.toRows()).toEqual(rows);
  expect(back[1]!.toRows()).toEqual(rows.slice(1));
  expect(back[0]!.layout.schema).toEqual(fields);
  const table = tableFromIPC(bytes);
  expect(table.numRows).toBe(5);
  expect(table.getChild('device')?.toArray()).toEqual(['phone', 'desktop', null, 'desktop', null]);
});
