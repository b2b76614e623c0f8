import { type Fields, type Float64Type, Frame, float64, Predictor, type StringType, string } from '@milonga/core';
import type { Source } from '../stage/source.ts';
import { queryFrame } from './query-frame.ts';

/** How a model proposes candidates. */
export interface FromModelOptions<Score extends string, Field extends string> {
  /** Name of the source. Default: the model's. */
  readonly name?: string;
  /** How many to ask for. Default: 100. */
  readonly limit?: number;
  /** Column for the model's score. Default: none. */
  readonly score?: Score;
  /** Fields of the query to hand over, by the column that the model reads. Default: all of them, under their own names. */
  readonly query?: Readonly<Record<string, Field>>;
}

/** Columns of {@link fromModel}. */
export type RetrievedFields<Score extends string> = { readonly id: StringType } & {
  readonly [Name in Score]: Float64Type;
};

/**
 * A source of what a model proposes for the query, best first.
 *
 * @example
 * ```ts
 * .sources(fromModel('taste', { limit: 200, score: 'taste', query: { history: 'recentItems' } }))
 * ```
 */
export function fromModel<const Score extends string = never, const Field extends string = never>(
  model: string,
  options: FromModelOptions<Score, Field> = {},
): Source<Readonly<Record<Field, unknown>>, RetrievedFields<Score>> {
  const { name = model, limit = 100, score, query: from } = options;
  const columns: Fields = { id: string(), ...(score === undefined ? {} : { [score]: float64() }) };
  return {
    name,
    needs: [Predictor],
    columns: columns as RetrievedFields<Score>,
    fetch: async (query, context) => {
      const frame = queryFrame(query, context.queryFields, from);
      const { ids, scores, version } = await context.ports
        .get(Predictor)
        .retrieve(model, frame, limit, { signal: context.signal });
      context.usedModel(model, version);
      return Frame.fromColumns(columns, {
        id: ids,
        ...(score === undefined ? {} : { [score]: scores }),
      }) as unknown as Frame<RetrievedFields<Score>>;
    },
  };
}
