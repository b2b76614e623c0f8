import type { Frame } from '../frame/index.ts';
import { type Port, port } from './port.ts';

/** Score columns for the rows of a frame. */
export interface Prediction {
  /** One number per row and output, in the order of the rows. */
  readonly scores: Readonly<Record<string, Float64Array>>;
  readonly model: string;
  readonly version: string;
}

/** Items that a model proposes for the rows of a frame: row `r` has those from `offsets[r]` to `offsets[r + 1]`. */
export interface Retrieval {
  /** Length: rows + 1. */
  readonly offsets: Int32Array;
  /** Best first within a row. */
  readonly ids: readonly string[];
  /** One per id. */
  readonly scores: Float64Array;
  readonly model: string;
  readonly version: string;
}

/** A moment of history to predict from; absent means the live version. */
export interface PredictOptions {
  /** Use the version that was live at this moment (Unix ms), for training sets: a later one would know the future. */
  readonly liveAt?: number;
  readonly signal?: AbortSignal;
}

/**
 * Scores rows with loaded models, by name.
 *
 * - One score per row, in order; a row that the model knows nothing about gets its neutral score, never an error.
 * - `retrieve` is a declared power of a model (`canRetrieve`): its best items for each row of the frame.
 * - Rejects with `MILONGA_MODEL_UNKNOWN`, `MILONGA_MODEL_NOT_LOADED` (nothing is live yet), `MILONGA_MODEL_INCOMPATIBLE`
 *   (the frame lacks an input), `MILONGA_ABORTED`, `MILONGA_CLOSED`. A swap never makes a call fail: it ends on the
 *   version that it began with.
 */
export interface Predictor {
  predict(model: string, rows: Frame, options?: PredictOptions): Promise<Prediction>;
  retrieve(model: string, rows: Frame, limit: number, options?: PredictOptions): Promise<Retrieval>;
  /** Version that is live now; `undefined` before the first. */
  liveVersion(model: string): string | undefined;
}
export const Predictor: Port<Predictor> = port<Predictor>('predictor/1');
