import { type Port, port } from '../ports/port.ts';
import type { Recommender } from './recommender.ts';

/** The recommender that a process runs, for adapters that need to know its events, views or models. */
export const CurrentRecommender: Port<Recommender> = port<Recommender>('recommender/1');
