// artifacts
export {
  artifactFoldersOf,
  artifactNameTaken,
  checkArtifactName,
  isArtifactName,
  isArtifactNamePart,
} from './artifacts/artifact-name.ts';
// errors
export { ERROR_CODES, type ErrorCode } from './errors/codes.ts';
export { type ErrorIssue, MilongaError, type MilongaErrorOptions, messageOf } from './errors/milonga-error.ts';
// event
export { type Entity, entity } from './event/entity.ts';
export { type EventDefinition, type EventOptions, event, type IncomingEvent, type TypedEvent } from './event/event.ts';
export { lakeTableOf } from './event/lake-table.ts';
export { exposure, prediction, quarantined } from './event/system-events.ts';
// frame
export {
  allRows,
  Column,
  type ColumnBuilder,
  type ColumnInput,
  type ColumnInputs,
  type ColumnParts,
  type Cursor,
  Dictionary,
  type DictionaryOptions,
  Frame,
  FrameBuilder,
  type FrameBuilderOptions,
  type FromArrowOptions,
  type FromRowsOptions,
  firstRows,
  fromArrowStream,
  Interner,
  InternTable,
  Layout,
  largest,
  type Renamed,
  readTimestamp,
  type ScratchTable,
  type Selection,
  scatter,
  toArrowStream,
  type Utf8Strings,
  type Values,
  writeTimestamp,
} from './frame/index.ts';
// model
export {
  type ArtifactFile,
  artifactNames,
  baselineColumnOf,
  type GateVerdict,
  type ModelColumn,
  type ModelManifest,
} from './model/manifest.ts';
export type { ModelDefinition } from './model/model-definition.ts';
export type { LoadedModel, ModelRuntime } from './model/runtime.ts';
// placement
export { spreadKeys } from './placement/spread-keys.ts';
// ports
export { type ArtifactInfo, ArtifactStore } from './ports/artifact-store.ts';
export { Clock, type Timer } from './ports/clock.ts';
export { type CollectOutcome, Collector } from './ports/collector.ts';
export { type EventMessage, EventSink, type PublishOutcome, type TopicDefinition } from './ports/event-sink.ts';
export {
  deadLetterTopicOf,
  type EventBatch,
  EventSource,
  type GroupPosition,
  type ReceivedEvent,
  type SubscribeOptions,
  type Subscription,
} from './ports/event-source.ts';
export { type Assignment, ExperimentAssigner, type ExperimentShape } from './ports/experiment-assigner.ts';
export {
  type FeatureBatch,
  FeatureReader,
  type FeatureRequest,
  type FeatureViewShape,
  HistoricalFeatureReader,
} from './ports/feature-reader.ts';
export { Lake, type LakeTable, type OffsetRange, type SqlDialect, type SqlParameter } from './ports/lake.ts';
export { Lease, type LeaseHold } from './ports/lease.ts';
export {
  type AliasEntry,
  type AliasMove,
  type AliasRevision,
  ModelRegistry,
  type VersionRecord,
} from './ports/model-registry.ts';
export {
  type Cell,
  type MutationOutcome,
  OfflineStore,
  type RowMutation,
  type ScanRange,
  type WideRow,
  type WideTable,
} from './ports/offline-store.ts';
export {
  type ListAppend,
  type OnlineRow,
  type OnlineRowWrite,
  OnlineStore,
  type TimeToLive,
} from './ports/online-store.ts';
export { type Port, type Ports, port } from './ports/port.ts';
export { type Prediction, type PredictOptions, Predictor, type Retrieval } from './ports/predictor.ts';
export {
  type CandidateExplanation,
  type Recommendation,
  Recommendations,
  type RecommendOptions,
} from './ports/recommendations.ts';
export {
  type Trainer,
  type TrainingOutcome,
  type TrainingProgress,
  type TrainOptions,
  trainerOf,
} from './ports/trainer.ts';
// recommender
export { CurrentRecommender } from './recommender/current-recommender.ts';
export type { JoinedAdapter, Part, RoleAdapter } from './recommender/part.ts';
export type { CandidatesAtOptions, PipelineShape } from './recommender/pipeline-shape.ts';
export { defineRecommender, type Recommender, type RecommenderDefinition } from './recommender/recommender.ts';
export type { Role, RoleContext, RunningRole } from './recommender/role.ts';
export type { JsonSchema, Route, RouteRequest, RouteResponse } from './recommender/route.ts';
// registry
export { ArtifactModelRegistry, type ArtifactModelRegistryOptions } from './registry/artifact-model-registry.ts';
// schema
export {
  type BooleanType,
  boolean,
  type CandidateFields,
  decodeRow,
  describeType,
  type EnumerationType,
  encodeRow,
  enumeration,
  type Fields,
  type Float32Type,
  type Float64Type,
  fingerprint,
  float32,
  float64,
  type InputOf,
  type Int32Type,
  int32,
  isSameFields,
  isSameType,
  type JsonSchemaOptions,
  type ListElement,
  type ListType,
  list,
  type MemoryOf,
  type Merged,
  type NullableType,
  nullable,
  type ObjectSchema,
  object,
  type Row,
  type RowInput,
  rowFingerprint,
  type Stacked,
  type StringType,
  stackFields,
  string,
  type TimestampType,
  timestamp,
  toJsonSchema,
  type ValidateOptions,
  type Validation,
  type ValidationIssue,
  type ValueKind,
  type ValueOf,
  type ValueType,
  type VectorType,
  validate,
  vector,
} from './schema/index.ts';
// telemetry
export { measure, resetInstruments, tracer } from './telemetry/instruments.ts';
export { type LogFields, Logger, silentLogger } from './telemetry/logger.ts';
export { METRICS, type MetricDefinition, SPANS } from './telemetry/names.ts';
// time
export { type Deadline, deadlineAfter, deadlineExceeded, throwIfAborted } from './time/deadline.ts';
export { type Duration, days, hours, milliseconds, minutes, seconds } from './time/duration.ts';
export { systemClock } from './time/system-clock.ts';
export { Turns } from './time/turns.ts';
