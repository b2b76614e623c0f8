import { Frame, type LoadedModel, MilongaError, type ModelRuntime, string, vector } from '@milonga/core';
import { arrowFile, jsonFile, readArrow, readJson, SETTINGS_FILE } from '../artifact/model-files.ts';
import { interactionMatrix } from '../interactions/interaction-matrix.ts';
import type { Algorithm } from '../model/algorithm.ts';
import type { ResolvedColumns } from '../serving/columns.ts';
import { HistoryModel, type HistoryModelOptions } from '../serving/history-model.ts';
import { itemIndex } from '../serving/item-index.ts';
import type { InteractionData } from '../worker/training-data.ts';
import { type Factors, factorise } from './factorise.ts';
import { VectorScorer } from './vector-scorer.ts';

const ITEMS_FILE = 'items.arrow';

/** See `AlsParameters`; every value filled in. */
export interface ResolvedAls {
  readonly factors: number;
  readonly regularisation: number;
  readonly regularisationExponent: number;
  readonly alpha: number;
  readonly iterations: number;
  readonly conjugateGradientSteps: number;
  readonly seed: number;
  readonly historyLimit: number;
  readonly retrieveHistory: boolean;
  readonly columns: ResolvedColumns;
}

/** What `model.json` holds. */
interface Settings extends HistoryModelOptions {
  readonly factors: number;
  readonly alpha: number;
  readonly regularisation: number;
  readonly regularisationExponent: number;
}

/** Fits by {@link factorise}; see `als`. */
export const alsAlgorithm: Algorithm = {
  name: 'als',
  runtime: { name: 'milonga/als/1', load: async (_manifest, files) => loadAls(files) } satisfies ModelRuntime,
  fit(task, { part, state, onProgress }) {
    const data = task.data as InteractionData;
    const parameters = task.parameters as unknown as ResolvedAls;
    const { factors, iterations } = parameters;
    const start = state as Factors | undefined;
    const found = factorise(interactionMatrix(data, part, 'user'), {
      ...parameters,
      onProgress,
      // A few more days change little: what was learned without them is a good place to begin.
      ...(start === undefined ? {} : { start, iterations: Math.ceil(iterations / 4) }),
    });
    const items = Frame.fromColumns(
      { id: string(), factors: vector(factors) },
      { id: data.items, factors: found.items },
    );
    return {
      state: found,
      files: new Map([
        [SETTINGS_FILE, jsonFile(settingsOf(parameters, task.outputs[0]!))],
        [ITEMS_FILE, arrowFile(items)],
      ]),
    };
  },
};

function settingsOf(parameters: ResolvedAls, output: string): Settings {
  const { columns, historyLimit, retrieveHistory, factors, alpha, regularisation, regularisationExponent } = parameters;
  return {
    ...columns,
    output,
    limit: historyLimit,
    halfLife: undefined,
    retrieveHistory,
    factors,
    alpha,
    regularisation,
    regularisationExponent,
  };
}

function loadAls(files: ReadonlyMap<string, Uint8Array>): LoadedModel {
  const settings = readJson<Settings>(files, SETTINGS_FILE);
  const frame = readArrow(files, ITEMS_FILE, { id: string(), factors: vector(settings.factors) });
  const vectors = frame.column('factors').values.slice();
  if (!vectors.every(Number.isFinite))
    throw new MilongaError('MILONGA_ARTIFACT_CORRUPT', `"${ITEMS_FILE}" holds vectors that are not finite.`);
  return new HistoryModel(itemIndex(frame.column('id').toArray()), new VectorScorer(vectors, settings), settings);
}
