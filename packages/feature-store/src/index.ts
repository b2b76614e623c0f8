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
// collect
export { collectRoute } from './collect/collect-route.ts';
export { type CollectorOptions, EventCollector } from './collect/event-collector.ts';
// feature store
export { type FeatureStoreOptions, featureStore } from './feature-store-adapter.ts';
export { featureStoreRoles } from './feature-store-roles.ts';
// history
export { LakeFeatureReader } from './history/lake-feature-reader.ts';
// keys
export { afterPrefix, entityKey, type KeyParts, keyPrefix, partsOf } from './keys/entity-key.ts';
export { onlineKey } from './keys/online-key.ts';
// lake
export type { LakeSinkOptions, LakeSinkPorts } from './lake/lake-sink.ts';
export { type RunLakeSinkOptions, type RunLakeSinkPorts, runLakeSink } from './lake/run-lake-sink.ts';
// materialise
export type { MaterialisePorts } from './materialise/materialiser.ts';
export { type RunMaterialiserPorts, runMaterialiser } from './materialise/run-materialiser.ts';
// online
export { OnlineFeatureReader } from './online/online-feature-reader.ts';
// tiles
export { type RunTilesPorts, runTiles } from './tiles/run-tiles.ts';
export type { TilePorts } from './tiles/tile-worker.ts';
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
