export { loadRecommender } from './config/load-recommender.ts';
export { type ExitCode, run } from './program.ts';
