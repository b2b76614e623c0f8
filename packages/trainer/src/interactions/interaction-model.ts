import { type Fields, Lake } from '@milonga/core';
import { defineModel, type ModelSpecifics } from '../model/define-model.ts';
import type { TrainableModel } from '../model/trainable-model.ts';
import type { TrainingOptions } from '../model/training-options.ts';
import { firstEventAt } from './first-event.ts';
import type { InteractionOptions } from './interaction-options.ts';
import { readInteractions } from './read-interactions.ts';

/** What the models of interactions differ in. */
export interface InteractionSpecifics extends Pick<ModelSpecifics, 'algorithm' | 'inputs' | 'columns' | 'parameters'> {
  readonly retrievalInputs: Fields;
  /** What `repeats` means when it is not given. */
  readonly repeats: 'once' | 'counted';
}

/** A model that learns from interactions of users with items. */
export function interactionModel<F extends Fields>(
  name: string,
  options: TrainingOptions & { readonly interactions: InteractionOptions<F> },
  { repeats, ...specifics }: InteractionSpecifics,
): TrainableModel {
  const { interactions } = options;
  const reading = {
    isCounted: (interactions.repeats ?? repeats) === 'counted',
    readsHistory: specifics.columns !== undefined,
  };
  return defineModel(name, options, {
    ...specifics,
    meaning: `${interactions.from.name}.${interactions.item}`,
    needs: () => [Lake],
    firstEventAt: (lake, signal) => firstEventAt(lake, interactions.from, signal),
    prepare: (context) => readInteractions(interactions, reading, context.ports.get(Lake), context),
  });
}
