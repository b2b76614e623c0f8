// algorithms
export { als } from './als/als.ts';
export type { AlsOptions, AlsParameters } from './als/als-options.ts';
// gates
export { duration, floor, type RegressionOptions, regression, size } from './gate/built-in-gates.ts';
export type { Gate, GateInput } from './gate/gate.ts';
export type {
  InteractionColumns,
  InteractionOptions,
  SqlFields,
  StringField,
} from './interactions/interaction-options.ts';
export { itemKnn } from './item-knn/item-knn.ts';
export type { ItemKnnOptions, ItemKnnParameters } from './item-knn/item-knn-options.ts';
export { type TrainModelOptions, trainModel } from './job/train-model.ts';
export { trainRole } from './job/train-role.ts';
export type {
  BucketFeature,
  CategoricalFeature,
  CrossFeature,
  MissingFeature,
  NumericFeature,
  NumericOptions,
  OneHotFeature,
  RankerFeature,
} from './logistic-ranker/feature.ts';
// the ranker
export { bucketise, cross, flag, identity, log1p, missing, oneHot } from './logistic-ranker/feature.ts';
export { logisticRanker } from './logistic-ranker/logistic-ranker.ts';
export type {
  LabelGroup,
  LabelOptions,
  LogisticRankerOptions,
  LogisticRankerParameters,
  SampleOptions,
} from './logistic-ranker/logistic-ranker-options.ts';
export type { PrepareContext, PreparedTraining } from './model/trainable-model.ts';
// models and their training
export { isTrainable, type Schedule, type TrainableModel, type Training } from './model/trainable-model.ts';
export type { TrainingOptions } from './model/training-options.ts';
export { popularity } from './popularity/popularity.ts';
export type { PopularityOptions, PopularityParameters } from './popularity/popularity-options.ts';
