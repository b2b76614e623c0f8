import { Clock, Lake, ModelRegistry, type Role, trainerOf } from '@milonga/core';
import { isTrainable } from '../model/trainable-model.ts';
import { TrainingSchedule } from './training-schedule.ts';

/** Trains the models of the recommender when they are due. Every model of this package brings it. */
export const trainRole: Role = {
  name: 'train',
  description: 'trains models on schedule and names those that pass their gates as candidates',
  needs: ({ models }) => [Clock, Lake, ModelRegistry, ...models.filter(isTrainable).map(({ name }) => trainerOf(name))],
  async start({ recommender, ports, log, signal }) {
    const schedule = new TrainingSchedule(recommender.models.filter(isTrainable), ports, log, signal);
    await schedule.start();
    return { settle: () => schedule.settle(), stop: () => schedule.stop() };
  },
};
