/**
 * Every span, metric, unit and attribute that Milonga emits. One file, so that dashboards, alerts and code cannot drift.
 *
 * Attributes are bounded by construction: names of definitions and small enumerations, never an id of a user or an item.
 */
export const SPANS = {
  recommend: 'milonga.recommend',
  stage: 'milonga.stage',
  collect: 'milonga.collect',
  lakeAppend: 'milonga.lake.append',
  tilesBatch: 'milonga.tiles.batch',
  materialiseBatch: 'milonga.materialise.batch',
  featuresRead: 'milonga.features.read',
  train: 'milonga.train',
  swap: 'milonga.swap',
  eventsPublish: 'milonga.events.publish',
  eventsHandle: 'milonga.events.handle',
  onlineStore: 'milonga.online',
  artifactStore: 'milonga.artifacts',
} as const;

/** How a metric is measured. */
export interface MetricDefinition {
  readonly name: string;
  readonly kind: 'counter' | 'histogram' | 'gauge';
  /** UCUM: `ms`, `By`, `1`, `{event}`. */
  readonly unit: string;
  readonly description: string;
  readonly attributes: readonly string[];
}

const metric = (
  kind: MetricDefinition['kind'],
  name: string,
  unit: string,
  description: string,
  ...attributes: readonly string[]
): MetricDefinition => ({ name, kind, unit, description, attributes });

type MetricKey =
  | 'eventsCollected'
  | 'eventsLanded'
  | 'eventsAbsorbed'
  | 'eventLag'
  | 'eventsPublished'
  | 'eventsHandled'
  | 'rowsMaterialised'
  | 'onlineDuration'
  | 'onlineCache'
  | 'artifactDuration'
  | 'artifactBytes'
  | 'freshness'
  | 'requestDuration'
  | 'stageDuration'
  | 'stageCandidates'
  | 'requestsDegraded'
  | 'sideEffectsFailed'
  | 'resultCache'
  | 'trainDuration'
  | 'swaps'
  | 'modelBytes'
  | 'modelAge'
  | 'httpDuration';

/**
 * Every metric by its key in code; `name`, `unit` and `attributes` are what a dashboard sees. Instruments are made from
 * these by `measure`.
 *
 * @example `METRICS.requestDuration.name === 'milonga.recommend.duration'`
 */
export const METRICS: Readonly<Record<MetricKey, MetricDefinition>> = {
  eventsCollected: metric(
    'counter',
    'milonga.events.collected',
    '{event}',
    'Events that passed the border, or did not',
    'event.type',
    'outcome',
  ),
  eventsLanded: metric('counter', 'milonga.lake.rows', '{event}', 'Rows appended to the lake', 'event.type'),
  eventsAbsorbed: metric('counter', 'milonga.tiles.events', '{event}', 'Events absorbed into tiles', 'view', 'outcome'),
  eventLag: metric(
    'gauge',
    'milonga.events.lag',
    '{event}',
    'Events that a group has yet to handle',
    'event.type',
    'group',
  ),
  eventsPublished: metric(
    'counter',
    'milonga.events.published',
    '{event}',
    'Events that an adapter published into a log, or could not',
    'topic',
    'outcome',
  ),
  eventsHandled: metric(
    'counter',
    'milonga.events.handled',
    '{event}',
    'Events that an adapter handed to a group: handled, tried again, or dead letters',
    'topic',
    'group',
    'outcome',
  ),
  onlineDuration: metric(
    'histogram',
    'milonga.online.duration',
    'ms',
    'Calls of an online store that is a service',
    'operation',
    'outcome',
  ),
  onlineCache: metric('counter', 'milonga.online.cache', '{lookup}', 'Look-ups of rows in the process', 'outcome'),
  artifactDuration: metric(
    'histogram',
    'milonga.artifacts.duration',
    'ms',
    'Calls of an artifact store that is a service',
    'operation',
    'outcome',
  ),
  artifactBytes: metric(
    'counter',
    'milonga.artifacts.bytes',
    'By',
    'Bytes put into and got from an artifact store that is a service',
    'operation',
  ),
  rowsMaterialised: metric('counter', 'milonga.materialise.rows', '{row}', 'Online rows written', 'view'),
  freshness: metric('histogram', 'milonga.features.freshness', 'ms', 'From publish to readable feature', 'view'),
  requestDuration: metric('histogram', 'milonga.recommend.duration', 'ms', 'Whole requests', 'pipeline', 'outcome'),
  stageDuration: metric(
    'histogram',
    'milonga.stage.duration',
    'ms',
    'Stages of pipelines',
    'pipeline',
    'stage',
    'outcome',
  ),
  stageCandidates: metric(
    'histogram',
    'milonga.stage.candidates',
    '{candidate}',
    'Candidates that remain after a stage',
    'pipeline',
    'stage',
  ),
  requestsDegraded: metric(
    'counter',
    'milonga.recommend.degraded',
    '{request}',
    'Requests that a stage degraded',
    'pipeline',
    'stage',
  ),
  sideEffectsFailed: metric(
    'counter',
    'milonga.side_effect.failed',
    '{failure}',
    'Side effects that failed after the answer',
    'pipeline',
    'stage',
  ),
  resultCache: metric(
    'counter',
    'milonga.recommend.cache',
    '{lookup}',
    'Look-ups in the result cache',
    'pipeline',
    'outcome',
  ),
  trainDuration: metric('histogram', 'milonga.train.duration', 'ms', 'Training runs', 'model', 'outcome'),
  swaps: metric('counter', 'milonga.swap', '{swap}', 'Versions that were tried for traffic', 'model', 'outcome'),
  modelBytes: metric('gauge', 'milonga.model.bytes', 'By', 'Memory of the live version', 'model'),
  modelAge: metric('gauge', 'milonga.model.age', 's', 'Event time since the data of the live version ended', 'model'),
  httpDuration: metric(
    'histogram',
    'milonga.http.duration',
    'ms',
    'HTTP requests, refused ones too',
    'method',
    'route',
    'status',
  ),
};
