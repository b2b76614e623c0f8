import { type SparseMatrix, sparseMatrix } from '../matrix/sparse-matrix.ts';
import type { InteractionData } from '../worker/training-data.ts';

/** What is learned from: everything, or the part before the holdout. */
export type DataPart = 'earlier' | 'all';

/** Users (or baskets) by items, with the weights as of the end of the part. */
export function interactionMatrix(data: InteractionData, part: DataPart, by: 'user' | 'group'): SparseMatrix {
  const rows = by === 'user' ? data.users : data.groups;
  const rowOf = by === 'user' ? data.user : data.group;
  if (part === 'all')
    return sparseMatrix(rows, data.items.length, { row: rowOf, column: data.item, value: data.weight }, data.merge);
  const kept = data.isHeldOut.reduce((count, held) => count + (held === 0 ? 1 : 0), 0);
  const row = new Int32Array(kept);
  const column = new Int32Array(kept);
  const value = new Float32Array(kept);
  let to = 0;
  for (let at = 0; at < data.item.length; at += 1) {
    if (data.isHeldOut[at] !== 0) continue;
    row[to] = rowOf[at]!;
    column[to] = data.item[at]!;
    value[to] = data.weight[at]! * data.earlierScale;
    to += 1;
  }
  return sparseMatrix(rows, data.items.length, { row, column, value }, data.merge);
}
