import { type Frame, MilongaError, type Prediction, Predictor } from '@milonga/core';
import type { Scorer } from '../stage/scorer.ts';
import { queryFrame } from './query-frame.ts';

/** What a model that scores candidates is given. */
export interface PredictStageOptions<Field extends string> {
  /** Columns of the candidates to hand over. Default: all; a model reads what it needs. */
  readonly inputs?: readonly string[];
  /** Fields of the query to hand over with every candidate, by the column that the model reads. Default: none. */
  readonly query?: Readonly<Record<string, Field>>;
}

/**
 * Scores candidates with the live version of a model. The stage has the model's name, which is what training sets name
 * (`before`); so has the score column, unless `outputs` names columns by output of the model.
 *
 * The version is in the answer's `versions`. In training sets, it is the version that was live then.
 *
 * @example
 * ```ts
 * .score(predict('ranker')) // column "ranker"
 * .score(predict('ranker', { outputs: { click: 'clickRate', buy: 'buyRate' } }))
 * ```
 */
export function predict<const Outputs extends Readonly<Record<string, string>>, const Field extends string = never>(
  model: string,
  options: PredictStageOptions<Field> & { readonly outputs: Outputs },
): Scorer<Readonly<Record<Field, unknown>>, object, Outputs[keyof Outputs]>;
export function predict<const Model extends string, const Field extends string = never>(
  model: Model,
  options?: PredictStageOptions<Field>,
): Scorer<Readonly<Record<Field, unknown>>, object, Model>;
export function predict(
  model: string,
  options: PredictStageOptions<string> & { readonly outputs?: Readonly<Record<string, string>> } = {},
): Scorer<object, object, string> {
  const { inputs, query: fromQuery, outputs } = options;
  return {
    name: model,
    needs: [Predictor],
    scores: outputs === undefined ? [model] : Object.values(outputs),
    score: async (candidates, query, context) => {
      const rows = candidates.toFrame(inputs as readonly never[] | undefined);
      const frame = fromQuery === undefined ? rows : withQuery(rows, queryFrame(query, context.queryFields, fromQuery));
      const prediction = await context.ports.get(Predictor).predict(model, frame, { signal: context.signal });
      context.usedModel(model, prediction.version);
      return columnsOf(prediction, outputs);
    },
  };
}

/** The query's row beside every candidate. */
const withQuery = (rows: Frame, query: Frame): Frame =>
  rows.withColumns(query.take(new Int32Array(rows.length))) as unknown as Frame;

function columnsOf(
  { model, scores }: Prediction,
  outputs: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, Float64Array>> {
  const found = Object.keys(scores);
  if (outputs === undefined) {
    if (found.length !== 1)
      throw new MilongaError(
        'MILONGA_MODEL_INCOMPATIBLE',
        `Model "${model}" has the outputs ${found.join(', ') || 'none'}; name their columns, as in predict('${model}', { outputs: { ${found[0] ?? 'score'}: 'column' } }).`,
      );
    return { [model]: scores[found[0]!]! };
  }
  return Object.fromEntries(
    Object.entries(outputs).map(([output, column]) => {
      const values = scores[output];
      if (values === undefined)
        throw new MilongaError(
          'MILONGA_MODEL_INCOMPATIBLE',
          `Model "${model}" has no output "${output}"; it has ${found.join(', ') || 'none'}.`,
        );
      return [column, values];
    }),
  );
}
