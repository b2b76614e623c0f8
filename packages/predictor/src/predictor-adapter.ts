import {
  ArtifactStore,
  Clock,
  CurrentRecommender,
  Logger,
  ModelRegistry,
  Predictor,
  type RoleAdapter,
} from '@milonga/core';
import { provide } from '@milonga/core/app';
import { InProcessPredictor } from './hosting/in-process-predictor.ts';
import { predictRole } from './predict-role.ts';
import type { SwapLimits } from './swap/swap-report.ts';

/** How models are served. */
export interface PredictorOptions {
  /** What a version must keep to before it may take traffic. */
  readonly swap?: SwapLimits;
  /** Versions of the past that are kept in memory for training sets, over all models. Default: two for each, at least 4. */
  readonly pastVersions?: number;
}

/**
 * Serves the models of the recommender in this process: provides `Predictor`, and brings the role `predict`, which lets
 * new versions in.
 *
 * @example
 * ```ts
 * defineRecommender({ name: 'shop', adapters: [local({ dir: '.milonga' }), predictor()], … });
 * ```
 */
export function predictor(options: PredictorOptions = {}): RoleAdapter {
  return {
    name: 'predictor',
    roles: [predictRole],
    provisions: [
      provide(Predictor, {
        needs: [CurrentRecommender, ModelRegistry, ArtifactStore, Clock, Logger],
        create: (recommender, registry, artifacts, clock, log) =>
          new InProcessPredictor({
            models: recommender.models,
            registry,
            artifacts,
            clock,
            log,
            ...(options.swap === undefined ? {} : { limits: options.swap }),
            ...(options.pastVersions === undefined ? {} : { pastVersions: options.pastVersions }),
          }),
        dispose: (instance) => (instance as InProcessPredictor).close(),
      }),
    ],
  };
}
