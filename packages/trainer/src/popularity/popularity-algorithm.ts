import {
  type Column,
  Frame,
  float64,
  type LoadedModel,
  type ModelManifest,
  type ModelRuntime,
  string,
} from '@milonga/core';
import { arrowFile, jsonFile, readArrow, readJson, SETTINGS_FILE } from '../artifact/model-files.ts';
import { BestOf } from '../best/best-of.ts';
import { interactionMatrix } from '../interactions/interaction-matrix.ts';
import { transpose } from '../matrix/sparse-matrix.ts';
import type { Algorithm } from '../model/algorithm.ts';
import type { InteractionData } from '../worker/training-data.ts';

const ITEMS_FILE = 'items.arrow';
const ITEMS = { id: string(), score: float64() };

/** What `model.json` holds. */
interface Settings {
  readonly item: string;
  readonly output: string;
}

/** See `PopularityParameters`; every value filled in. */
export interface ResolvedPopularity {
  readonly items: number;
  readonly itemColumn: string;
}

/**
 * The number of distinct users of each item, each counting with the weight of what it did: its latest event, halved by
 * each half-life of age.
 */
function usersPerItem(data: InteractionData, part: 'earlier' | 'all'): Float64Array {
  const { rows, offsets, values } = transpose(interactionMatrix(data, part, 'user'));
  return Float64Array.from({ length: rows }, (_, item) => {
    let sum = 0;
    for (let at = offsets[item]!; at < offsets[item + 1]!; at += 1) sum += values[at]!;
    return sum;
  });
}

/** Fits by counting; see {@link popularity}. */
export const popularityAlgorithm: Algorithm = {
  name: 'popularity',
  runtime: {
    name: 'milonga/popularity/1',
    load: async (manifest, files) => loadPopularity(manifest, files),
  } satisfies ModelRuntime,
  fit(task, { part }) {
    const data = task.data as InteractionData;
    const { items, itemColumn } = task.parameters as unknown as ResolvedPopularity;
    const counts = usersPerItem(data, part);
    const best = new BestOf(Math.min(items, counts.length));
    for (let item = 0; item < counts.length; item += 1) best.offer(item, counts[item]!);
    const ids: string[] = [];
    const scores: number[] = [];
    best.drain((item, score) => {
      ids.push(data.items[item]!);
      scores.push(score);
    });
    const settings: Settings = { item: itemColumn, output: task.outputs[0]! };
    return {
      files: new Map([
        [SETTINGS_FILE, jsonFile(settings)],
        [ITEMS_FILE, arrowFile(Frame.fromColumns(ITEMS, { id: ids, score: Float64Array.from(scores) }))],
      ]),
    };
  },
};

function loadPopularity(_manifest: ModelManifest, files: ReadonlyMap<string, Uint8Array>): LoadedModel {
  const { item, output } = readJson<Settings>(files, SETTINGS_FILE);
  const top = readArrow(files, ITEMS_FILE, ITEMS);
  const ids = top.column('id').toArray();
  const scores = top.column('score').values.slice();
  const scoreOf = new Map(ids.map((id, place) => [id, scores[place]!]));
  return {
    bytes: scores.byteLength + ids.reduce((sum, id) => sum + 2 * id.length + 64, 0),
    predict: (rows) => {
      const column = rows.column(item) as Column<ReturnType<typeof string>>;
      return {
        [output]: Float64Array.from({ length: rows.length }, (_, row) =>
          column.isNull(row) ? 0 : (scoreOf.get(column.at(row)) ?? 0),
        ),
      };
    },
    retrieve: (rows, limit) => {
      const count = Math.max(0, Math.min(Math.trunc(limit) || 0, ids.length));
      const slice = ids.slice(0, count);
      const all = new Float64Array(count * rows.length);
      for (let row = 0; row < rows.length; row += 1) all.set(scores.subarray(0, count), row * count);
      return {
        offsets: Int32Array.from({ length: rows.length + 1 }, (_, row) => row * count),
        ids: rows.length === 1 ? slice : Array.from({ length: rows.length }, () => slice).flat(),
        scores: all,
      };
    },
    dispose: () => scoreOf.clear(),
  };
}
