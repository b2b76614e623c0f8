import {
  Clock,
  CurrentRecommender,
  ExperimentAssigner,
  type JoinedAdapter,
  Logger,
  MilongaError,
  type Port,
  type Ports,
  Recommendations,
  type Recommender,
} from '@milonga/core';
import { type Adapter, type AnyPort, type Provision, provide } from '@milonga/core/app';
import { hashAssigner } from '../experiment/hash-assigner.ts';
import { PipelineRecommendations } from './pipeline-recommendations.ts';
import type { ServedPipeline } from './served-pipeline.ts';

/**
 * Serves pipelines in this process: provides `Recommendations`, which needs whatever the pipelines need, and
 * `ExperimentAssigner` by hash. Each pipeline brings it along; those of one recommender are joined into one.
 */
class CoordinatorAdapter implements JoinedAdapter {
  readonly name = 'coordinator';
  readonly pipelines: readonly ServedPipeline[];
  readonly provisions: readonly Provision[];

  constructor(pipelines: readonly ServedPipeline[]) {
    this.pipelines = pipelines;
    const needs: readonly AnyPort[] = [
      ...new Set<AnyPort>([CurrentRecommender, Clock, Logger, ...pipelines.flatMap((pipeline) => pipeline.needs)]),
    ];
    this.provisions = [
      provide(Recommendations, {
        needs,
        create: (...instances: readonly unknown[]) => serve(pipelines, new GivenPorts(needs, instances)),
        dispose: (recommendations) => (recommendations as PipelineRecommendations).drain(),
      }),
      provide(ExperimentAssigner, {
        needs: [CurrentRecommender],
        create: (recommender) => hashAssigner(recommender.experiments),
      }),
    ];
  }

  join(other: Adapter): JoinedAdapter {
    return new CoordinatorAdapter([...this.pipelines, ...(other as CoordinatorAdapter).pipelines]);
  }
}

/** The adapter that a pipeline brings along. */
export const coordinatorAdapter = (pipelines: readonly ServedPipeline[]): JoinedAdapter =>
  new CoordinatorAdapter(pipelines);

function serve(pipelines: readonly ServedPipeline[], ports: Ports): PipelineRecommendations {
  const recommender = ports.get(CurrentRecommender);
  for (const pipeline of pipelines) checkExperiments(recommender, pipeline);
  return new PipelineRecommendations(
    pipelines.map((pipeline) => ({ bound: pipeline.bind(ports), description: pipeline.describe() })),
  );
}

/** The layers of all experiments are laid out together, so each must be listed in one place. */
function checkExperiments(recommender: Recommender, pipeline: ServedPipeline): void {
  for (const { name } of pipeline.experiments) {
    if (recommender.experiments.some((experiment) => experiment.name === name)) continue;
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `Pipeline "${pipeline.name}" uses experiment "${name}", which recommender "${recommender.name}" does not list. Add it to \`experiments\`.`,
    );
  }
}

class GivenPorts implements Ports {
  readonly #instances: ReadonlyMap<symbol, unknown>;

  constructor(ports: readonly AnyPort[], instances: readonly unknown[]) {
    this.#instances = new Map(ports.map((port, at) => [port.key, instances[at]]));
  }
  has(wanted: AnyPort): boolean {
    return this.#instances.has(wanted.key);
  }
  get<T>(wanted: Port<T>): T {
    if (this.has(wanted)) return this.#instances.get(wanted.key) as T;
    throw new MilongaError('MILONGA_WIRING_PORT_MISSING', `"${wanted.id}" was not among the ports of the pipelines.`);
  }
}
