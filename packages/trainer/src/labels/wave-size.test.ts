import { Frame, float64, vector } from '@milonga/core';
import { expect, test } from 'vitest';
import { WaveSize } from './wave-size.ts';

const frameOf = (rows: number): Frame =>
  Frame.fromColumns(
    { x: float64(), y: vector(100) },
    { x: new Float64Array(rows), y: new Float32Array(rows * 100) },
  ) as unknown as Frame;

test('the first wave is small, the next as large as memory allows', () => {
  const waves = new WaveSize(2_048);
  expect(waves.next).toBe(512);
  waves.learn([frameOf(10), frameOf(1_000)]); // 408 bytes a row
  expect(waves.next).toBe(Math.floor((128 * 1_024 ** 2) / 408_000));
  waves.learn([frameOf(1)]);
  expect(waves.next).toBe(2_048);
  waves.learn([]);
  expect(waves.next).toBe(2_048);
});

test('never more than asked for, never none', () => {
  const waves = new WaveSize(5);
  expect(waves.next).toBe(5);
  waves.learn([frameOf(400_000)]);
  expect(waves.next).toBe(1);
});
