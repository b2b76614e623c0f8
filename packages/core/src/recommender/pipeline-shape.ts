import type { AnyPort } from '../app/adapter.ts';
import type { Frame } from '../frame/index.ts';
import type { FeatureReader } from '../ports/feature-reader.ts';
import type { Ports } from '../ports/port.ts';
import type { Part } from './part.ts';

/** A pipeline as others than its author know it. The package that runs it knows its types. */
export interface PipelineShape extends Part {
  readonly kind: 'pipeline';
  readonly name: string;
  readonly needs: readonly AnyPort[];
  /**
   * Runs everything before the scorer named `before` as of a moment of the past, and hands out the candidates with all
   * their columns: how a ranker gets training rows from the very code that serves.
   */
  candidatesAt(input: object, options: CandidatesAtOptions): Promise<Frame>;
}

/** How to run a pipeline in the past. */
export interface CandidatesAtOptions {
  /** The moment, Unix ms: nothing later may be known. */
  readonly at: number;
  /** Name of the scoring stage to stop before. */
  readonly before: string;
  /** Holds the ports of the pipeline's `needs`; its feature reader is replaced by `features`. */
  readonly ports: Ports;
  /** Reads as of `at`. */
  readonly features: FeatureReader;
  readonly signal?: AbortSignal;
}
