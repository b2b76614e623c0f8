// pipeline

// description
export type { PipelineDescription, StageDescription, StepDescription, StepKind } from './describe/describe.ts';
export { toMermaid } from './describe/mermaid.ts';
// experiments
export { type Experiment, type ExperimentOptions, experiment } from './experiment/experiment.ts';
export { hashAssigner } from './experiment/hash-assigner.ts';
export { vary } from './experiment/vary.ts';
// errors
export { PipelineOverloadedError } from './overload/admission.ts';
export { pipeline } from './pipeline/define-pipeline.ts';
export type { CandidatePhase, QueryPhase, SelectedPhase, SourcedPhase } from './pipeline/phases.ts';
export type { BindOptions, BoundPipeline, Pipeline, RunOptions } from './pipeline/pipeline.ts';
export type { CacheOptions, PipelineOptions, Range, RequestOf } from './pipeline/pipeline-options.ts';
export type { Slate } from './pipeline/slate.ts';
export { noPorts } from './run/binding.ts';
// serving
export { recommendRole } from './serve/recommend-role.ts';
// stages, as one writes them
export type { Candidates } from './stage/candidates.ts';
export type { Filter } from './stage/filter.ts';
export type { Hydrator, LenientHydrator, StrictHydrator } from './stage/hydrator.ts';
export type { QueryHydrator } from './stage/query-hydrator.ts';
export type { Scorer } from './stage/scorer.ts';
export type { Ranking, Selector } from './stage/selector.ts';
export type { Outcome, SideEffect, SideEffectContext } from './stage/side-effect.ts';
export type { Source } from './stage/source.ts';
export type { Awaitable, FailurePolicy, Stage } from './stage/stage.ts';
export type { StageContext } from './stage/stage-context.ts';
// stages, ready made
export { type CachedOptions, cached } from './stages/cached.ts';
export { type ComputeContext, compute, computeColumns } from './stages/compute.ts';
export { type Diversity, diversify, type GroupRule, type NoveltyRule } from './stages/diversify.ts';
export { type FeaturesOptions, features, type ViewFields } from './stages/features.ts';
export { fromList, fromQuery } from './stages/from-list.ts';
export { type FromModelOptions, fromModel, type RetrievedFields } from './stages/from-model.ts';
export { keepIf } from './stages/keep-if.ts';
export { linear } from './stages/linear.ts';
export { type LogPredictionOptions, logPrediction } from './stages/log-prediction.ts';
export { notIn } from './stages/not-in.ts';
export { type PredictStageOptions, predict } from './stages/predict.ts';
export { queryFeatures } from './stages/query-features.ts';
export { topK } from './stages/top-k.ts';
