import { type LoadedModel, MilongaError } from '@milonga/core';

type Scores = Readonly<Record<string, Float64Array>>;
type Retrieved = ReturnType<NonNullable<LoadedModel['retrieve']>>;

/** @throws MilongaError `MILONGA_FRAME_SHAPE` unless there is one score for each row and output. */
export function checkScores(model: string, outputs: readonly string[], rows: number, scores: Scores): void {
  for (const name of outputs) {
    const found = scores[name]?.length ?? 0;
    if (found === rows) continue;
    throw new MilongaError(
      'MILONGA_FRAME_SHAPE',
      `Model "${model}" returned ${found} scores "${name}" for ${rows} rows; it must return one per row, in order.`,
    );
  }
}

/** @throws MilongaError `MILONGA_FRAME_SHAPE` unless each row has its part of the items, and each item a score. */
export function checkRetrieved(model: string, rows: number, { offsets, ids, scores }: Retrieved): void {
  const isAscending = offsets.every((offset, at) => offset >= (at === 0 ? 0 : offsets[at - 1]!));
  const isWhole = offsets.length === rows + 1 && offsets[0] === 0 && offsets[rows] === ids.length;
  if (isAscending && isWhole && scores.length === ids.length) return;
  throw new MilongaError(
    'MILONGA_FRAME_SHAPE',
    `Model "${model}" proposed ${ids.length} items with ${scores.length} scores and ${offsets.length} offsets (the last one ${offsets.at(-1)}) for ${rows} rows; it must give one score an item, and offsets from 0 in ascending order to the number of items, one more than rows.`,
  );
}
