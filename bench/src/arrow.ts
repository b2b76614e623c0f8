import { type Frame, fromArrowStream, toArrowStream } from '@milonga/core';
import { type Table, tableFromIPC, tableToIPC } from 'apache-arrow';
import type { BenchOptions, BenchResult } from './bench-result.ts';
import { candidateFrame } from './candidate-frame.ts';
import { measurePair } from './measure-pair.ts';

/**
 * A frame of 500 rows and 32 columns (an id, a category, a flag, 29 numbers) as an Arrow IPC stream and back, beside
 * apache-arrow on the same data. Reading ends with one value of every column in hand, so that nothing is put off.
 */
export async function benchArrow({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  const frame = candidateFrame(500, 32);
  const bytes = toArrowStream(frame);
  const table = tableFromIPC(bytes);
  checkSame(frame, table);
  const rounds = quick ? 20 : 5_000;
  const peer = 'apache-arrow';
  const written = await measurePair(
    async () => toArrowStream(frame),
    async () => tableToIPC(table, 'stream'),
    rounds,
  );
  const read = await measurePair(
    async () => lastRowOfFrame(fromArrowStream(bytes)[0]!),
    async () => lastRowOfTable(tableFromIPC(bytes)),
    rounds,
  );
  return [
    { name: 'frame to Arrow IPC, 500 x 32', measured: written },
    { name: 'Arrow IPC to frame, 500 x 32', measured: read },
  ].map(({ name, measured }) => ({
    name,
    unit: 'us',
    ours: measured.ours,
    peer: { name: peer, ...measured.peer },
    ratio: measured.ours.p50 / measured.peer.p50,
    budget: 1,
  }));
}

const lastRowOfFrame = (frame: Frame): readonly unknown[] => frame.columns.map((column) => column.at(frame.length - 1));

const lastRowOfTable = (table: Table): readonly unknown[] =>
  Array.from({ length: table.numCols }, (_, at) => table.getChildAt(at)!.get(table.numRows - 1));

function checkSame(frame: Frame, table: Table): void {
  const again = fromArrowStream(tableToIPC(table, 'stream'))[0]!;
  const text = (each: Frame): string => JSON.stringify(each.toRows());
  if (text(again) !== text(frame)) throw new Error('apache-arrow and Milonga do not read the same rows.');
}
