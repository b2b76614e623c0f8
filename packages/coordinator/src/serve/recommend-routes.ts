import { type JsonSchema, MilongaError, type RecommendOptions, type Route, type RouteRequest } from '@milonga/core';
import type { PipelineDescription } from '../describe/describe.ts';
import { toMermaid } from '../describe/mermaid.ts';
import type { PipelineRecommendations } from './pipeline-recommendations.ts';

/** The body is checked by the pipeline, against its input. */
const anyBody: NonNullable<Route['body']> = {
  '~standard': { version: 1, vendor: 'milonga', validate: (value) => ({ value }) },
};

/** A request may ask for this many times the budget of its pipeline, and no more. */
const MOST_BUDGETS = 10;

/** A route per pipeline, so that the API document says what each of them takes, and one that lists them. */
export function recommendRoutes(recommendations: PipelineRecommendations): readonly Route[] {
  return [
    ...recommendations.descriptions.map((description) => recommendRoute(recommendations, description)),
    unknownRoute(recommendations),
    listRoute(recommendations),
  ];
}

function recommendRoute(recommendations: PipelineRecommendations, description: PipelineDescription): Route {
  const { name, input, budgetMs } = description;
  return {
    method: 'POST',
    path: `/v1/recommend/${name}`,
    summary: `Recommends with the pipeline "${name}". Query parameters: explain (true or false), budget_ms`,
    body: anyBody,
    bodyJsonSchema: input,
    responses: {
      200: { description: 'The slate, best first', schema: ANSWER },
      400: { description: 'MILONGA_REQUEST_INVALID, with every issue' },
      503: { description: 'MILONGA_PIPELINE_OVERLOADED: retry after the time in Retry-After' },
    },
    handle: async (request) => ({
      body: forJson(
        await recommendations.recommend(name, request.body, {
          ...optionsOf(request, budgetMs),
          signal: request.signal,
        }),
      ),
    }),
  };
}

const unknownRoute = (recommendations: PipelineRecommendations): Route => ({
  method: 'POST',
  path: '/v1/recommend/:pipeline',
  summary: 'Recommends with a pipeline; see the routes of each for what they take',
  responses: { 404: { description: 'MILONGA_PIPELINE_UNKNOWN' } },
  handle: ({ parameters }) => Promise.reject(recommendations.unknown(parameters.pipeline ?? '')),
});

const listRoute = (recommendations: PipelineRecommendations): Route => ({
  method: 'GET',
  path: '/v1/pipelines',
  summary: 'Describes the pipelines: their stages, as data and as Mermaid',
  responses: { 200: { description: 'All pipelines' } },
  handle: async () => ({
    body: {
      pipelines: recommendations.descriptions.map((description) => ({
        ...description,
        mermaid: toMermaid(description),
      })),
    },
  }),
});

function optionsOf({ query }: RouteRequest, budgetMs: number): RecommendOptions {
  const { explain, budget_ms: asked } = query;
  if (explain !== undefined && explain !== 'true' && explain !== 'false')
    throw invalid('explain', 'true or false', explain);
  const most = budgetMs * MOST_BUDGETS;
  if (asked !== undefined && !(/^\d{1,9}$/.test(asked) && Number(asked) >= 1 && Number(asked) <= most)) {
    throw invalid('budget_ms', `a whole number from 1 to ${most}`, asked);
  }
  return { explain: explain === 'true', ...(asked === undefined ? {} : { budgetMs: Number(asked) }) };
}

function invalid(parameter: string, expected: string, found: string): MilongaError {
  const message = `${parameter}: expected ${expected}, found "${found.slice(0, 40)}"`;
  return new MilongaError('MILONGA_REQUEST_INVALID', `A query parameter is not valid: ${message}.`, {
    issues: [{ path: [parameter], message }],
  });
}

/** Vectors as arrays; JSON would write a typed array as an object. NaN becomes null by itself. */
function forJson<T extends { readonly items: readonly Readonly<Record<string, unknown>>[] }>(answer: T): T {
  if (!answer.items.some((item) => Object.values(item).some(ArrayBuffer.isView))) return answer;
  const items = answer.items.map((item) =>
    Object.fromEntries(
      Object.entries(item).map(([name, value]) => [
        name,
        ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value,
      ]),
    ),
  );
  return { ...answer, items };
}

const strings: JsonSchema = { type: 'array', items: { type: 'string' } };
const ANSWER: JsonSchema = {
  type: 'object',
  properties: {
    requestId: { type: 'string' },
    pipeline: { type: 'string' },
    items: { type: 'array', items: { type: 'object', additionalProperties: true } },
    degraded: strings,
    versions: strings,
    experiments: { type: 'object', additionalProperties: { type: 'string' } },
    explanations: { type: 'array', items: { type: 'object', additionalProperties: true } },
  },
  required: ['requestId', 'pipeline', 'items', 'degraded', 'versions', 'experiments'],
};
