import { MilongaError } from '@milonga/core';
import type { TrainableModel } from '../model/trainable-model.ts';

/** Models after all that they use. @throws MilongaError `MILONGA_DEFINITION_INVALID` when they use each other in a circle. */
export function inDependencyOrder(models: readonly TrainableModel[]): readonly TrainableModel[] {
  const byName = new Map(models.map((model) => [model.name, model]));
  const ordered = new Set<TrainableModel>();
  const visit = (model: TrainableModel, path: readonly string[]): void => {
    if (ordered.has(model)) return;
    if (path.includes(model.name))
      throw new MilongaError(
        'MILONGA_DEFINITION_INVALID',
        `Models are trained after each other in a circle: ${[...path, model.name].join(' -> ')}.`,
      );
    for (const name of model.training.after) {
      const needed = byName.get(name);
      if (needed !== undefined) visit(needed, [...path, model.name]);
    }
    ordered.add(model);
  };
  for (const model of models) visit(model, []);
  return [...ordered];
}
