import {
  baselineColumnOf,
  type Column,
  type Fields,
  Frame,
  float64,
  type LoadedModel,
  toArrowStream,
} from '@milonga/core';
import { frameOf, type HoldoutUser, holdoutUsers, UNKNOWN_ID } from '../evaluation/holdout-users.ts';
import { allRowsOf } from '../logistic-ranker/training-rows.ts';
import { seededRandom } from '../random/seeded-random.ts';
import type { InteractionData, RankingData } from './training-data.ts';
import type { TrainingTask } from './training-task.ts';

const ROWS = 96;

/** Inputs with what the version as stored makes of them; every server must come to the same. */
export async function recordBaseline(model: LoadedModel, task: TrainingTask): Promise<Uint8Array> {
  const inputs = task.data.kind === 'interactions' ? interactionRows(task, task.data) : rankingRows(task.data);
  const scores = await model.predict(inputs);
  const fields: Fields = Object.fromEntries(task.outputs.map((output) => [baselineColumnOf(output), float64()]));
  const expected = Object.fromEntries(task.outputs.map((output) => [baselineColumnOf(output), scores[output]!]));
  const columns = Frame.fromColumns(fields, expected as Parameters<typeof Frame.fromColumns>[1], {
    length: inputs.length,
  });
  return toArrowStream(inputs.withColumns(columns) as Frame);
}

/** Users of the holdout with items that they chose and others; then an unknown item, and users nobody knows anything of. */
function interactionRows(task: TrainingTask, data: InteractionData): Frame {
  const random = seededRandom(7);
  const users: Pick<HoldoutUser, 'history' | 'weights'>[] = [];
  const items: string[] = [];
  const known = holdoutUsers(data);
  const unknown = { history: [], weights: [] };
  for (let row = 0; row < ROWS; row += 1) {
    const user = known[row % Math.max(1, known.length)];
    const own = user === undefined ? [] : row % 3 === 0 ? [...user.chosen] : user.history;
    const item = own.length > 0 && row % 3 !== 1 ? own[random.below(own.length)]! : random.below(data.items.length);
    users.push(user ?? unknown);
    items.push(data.items[item] ?? UNKNOWN_ID);
  }
  users.push(known[0] ?? unknown, unknown, { history: [-1], weights: [1] }, unknown);
  items.push(UNKNOWN_ID, data.items[0] ?? UNKNOWN_ID, data.items[0] ?? UNKNOWN_ID, UNKNOWN_ID);
  const itemColumn = task.columns?.item ?? Object.keys(task.inputs)[0]!;
  return frameOf(task.inputs, task.columns, itemColumn, data.items, users, items);
}

/** Candidates from all over the training set; then one with everything null that may be, and unknown where a value must be. */
function rankingRows(data: RankingData): Frame {
  const all = allRowsOf(data);
  const count = Math.min(ROWS, all.length);
  const sampled = all.take(Int32Array.from({ length: count }, (_, at) => Math.floor((at * all.length) / count)));
  return Frame.concat([sampled, strangeRow(all)]);
}

function strangeRow(all: Frame): Frame {
  const row = Object.fromEntries(
    all.layout.names.map((name) => {
      const column = all.column(name) as Column;
      if (column.type.isNullable) return [name, null];
      return [name, column.type.kind === 'string' ? UNKNOWN_ID : column.at(0)];
    }),
  );
  return Frame.fromRows(all.layout.schema, [row as never]);
}
