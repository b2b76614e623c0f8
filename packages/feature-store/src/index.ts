// aggregates
export { type ApproxDistinctOptions, approxDistinct } from './aggregates/approx-distinct.ts';
export { count } from './aggregates/count.ts';
export { decayedCount } from './aggregates/decayed-count.ts';
export { type DecayOptions, decayedSum } from './aggregates/decayed-sum.ts';
export type { Feature, NumericType, TextType, WindowableFeature, WindowOptions } from './aggregates/feature.ts';
export { firstEventAt } from './aggregates/first-event-at.ts';
export { lastDistinct } from './aggregates/last-distinct.ts';
export { lastEventAt } from './aggregates/last-event-at.ts';
export { type SumOptions, sum } from './aggregates/sum.ts';
// view
export type { Condition, FieldOf, NumberCondition, TextCondition } from './view/condition.ts';
export {
  type FeaturesOf,
  type FeatureView,
  type FeatureViewOptions,
  type FieldsOfFeatures,
  featureView,
  type KeyFields,
} from './view/feature-view.ts';
export type { Window } from './view/window.ts';
