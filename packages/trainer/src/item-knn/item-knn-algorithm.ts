import { Frame, float32, int32, type LoadedModel, MilongaError, type ModelRuntime, string } from '@milonga/core';
import { arrowFile, jsonFile, readArrow, readJson, SETTINGS_FILE } from '../artifact/model-files.ts';
import { interactionMatrix } from '../interactions/interaction-matrix.ts';
import type { Algorithm } from '../model/algorithm.ts';
import type { ResolvedColumns } from '../serving/columns.ts';
import { HistoryModel, type HistoryModelOptions } from '../serving/history-model.ts';
import { itemIndex } from '../serving/item-index.ts';
import type { InteractionData } from '../worker/training-data.ts';
import { NeighbourScorer } from './neighbour-scorer.ts';
import { type Similarities, similarities } from './similarities.ts';

const ITEMS_FILE = 'items.arrow';
const ITEMS = { id: string() };
const NEIGHBOURS_FILE = 'neighbours.arrow';
const NEIGHBOURS = { source: int32(), target: int32(), similarity: float32() };

/** See `ItemKnnParameters`; every value filled in. */
export interface ResolvedItemKnn {
  readonly neighbours: number;
  readonly truncate: 'source' | 'target';
  readonly userDegreeExponent: number;
  readonly popularityAsymmetry: number;
  readonly shrinkage: number;
  readonly historyLimit: number;
  readonly historyHalfLife: number | undefined;
  readonly selfWeight: number;
  readonly retrieveHistory: boolean;
  readonly columns: ResolvedColumns;
}

/** What `model.json` holds. */
interface Settings extends HistoryModelOptions {
  readonly selfWeight: number;
}

/** Fits by {@link similarities}; see `itemKnn`. */
export const itemKnnAlgorithm: Algorithm = {
  name: 'item-knn',
  runtime: { name: 'milonga/item-knn/1', load: async (_manifest, files) => loadItemKnn(files) } satisfies ModelRuntime,
  fit(task, { part, onProgress }) {
    const data = task.data as InteractionData;
    const parameters = task.parameters as unknown as ResolvedItemKnn;
    const found = similarities(interactionMatrix(data, part, 'group'), { ...parameters, onProgress });
    return {
      files: new Map([
        [SETTINGS_FILE, jsonFile(settingsOf(parameters, task.outputs[0]!))],
        [ITEMS_FILE, arrowFile(Frame.fromColumns(ITEMS, { id: data.items }))],
        [NEIGHBOURS_FILE, arrowFile(frameOf(found))],
      ]),
    };
  },
};

function settingsOf(parameters: ResolvedItemKnn, output: string): Settings {
  const { columns, historyLimit, historyHalfLife, selfWeight, retrieveHistory } = parameters;
  return { ...columns, output, limit: historyLimit, halfLife: historyHalfLife, selfWeight, retrieveHistory };
}

function frameOf({ offsets, targets, values }: Similarities): Frame<typeof NEIGHBOURS> {
  const source = new Int32Array(targets.length);
  for (let item = 0; item + 1 < offsets.length; item += 1) source.fill(item, offsets[item]!, offsets[item + 1]!);
  return Frame.fromColumns(NEIGHBOURS, { source, target: targets, similarity: values });
}

function loadItemKnn(files: ReadonlyMap<string, Uint8Array>): LoadedModel {
  const settings = readJson<Settings>(files, SETTINGS_FILE);
  const index = itemIndex(readArrow(files, ITEMS_FILE, ITEMS).column('id').toArray());
  const frame = readArrow(files, NEIGHBOURS_FILE, NEIGHBOURS);
  const found = similaritiesOf(frame, index.ids.length);
  return new HistoryModel(index, new NeighbourScorer(found, settings.selfWeight), settings);
}

function similaritiesOf(frame: Frame<typeof NEIGHBOURS>, items: number): Similarities {
  const sources = frame.column('source').values;
  const targets = frame.column('target').values;
  const offsets = new Int32Array(items + 1);
  for (let at = 0; at < sources.length; at += 1) {
    const source = sources[at]!;
    if (source >>> 0 >= items || targets[at]! >>> 0 >= items || (at > 0 && source < sources[at - 1]!))
      throw new MilongaError(
        'MILONGA_ARTIFACT_CORRUPT',
        `Row ${at} of "${NEIGHBOURS_FILE}" is out of order or names an item that is not there.`,
      );
    offsets[source + 1]! += 1;
  }
  for (let item = 0; item < items; item += 1) offsets[item + 1]! += offsets[item]!;
  // Copies: the file's bytes hold more than these, and must not stay in memory with them.
  return { offsets, targets: targets.slice(), values: frame.column('similarity').values.slice() };
}
