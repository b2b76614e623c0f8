export { InProcessPredictor, type InProcessPredictorOptions } from './hosting/in-process-predictor.ts';
export { ModelHost, type ModelHostOptions, type SwapOutcome } from './hosting/model-host.ts';
export { predictRole } from './predict-role.ts';
export { type PredictorOptions, predictor } from './predictor-adapter.ts';
export { runSwapGate, type SwapGateInput } from './swap/swap-gate.ts';
export type { SwapCheck, SwapLimits, SwapReport } from './swap/swap-report.ts';
export { loadVersion, type VersionInMemory } from './versions/load-version.ts';
