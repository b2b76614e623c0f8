import { Recommendations, type Role, type RoleContext, type RunningRole } from '@milonga/core';
import { PipelineRecommendations } from './pipeline-recommendations.ts';
import { recommendRoutes } from './recommend-routes.ts';

/** Answers requests over HTTP with the pipelines of the recommender. Each pipeline brings it along. */
export const recommendRole: Role = {
  name: 'recommend',
  description: 'answers requests with ranked slates',
  needs: () => [Recommendations],
  async start({ ports }: RoleContext): Promise<RunningRole> {
    const recommendations = ports.get(Recommendations);
    const drain = async (): Promise<void> => {
      if (recommendations instanceof PipelineRecommendations) await recommendations.drain();
    };
    return {
      routes: recommendations instanceof PipelineRecommendations ? recommendRoutes(recommendations) : [],
      settle: drain,
      stop: drain,
    };
  },
};
