import type { Part } from '../recommender/part.ts';
import type { Fields } from '../schema/index.ts';
import type { ModelRuntime } from './runtime.ts';

/** A named model as servers know it; the package that trains it knows more. */
export interface ModelDefinition extends Part {
  readonly kind: 'model';
  readonly name: string;
  readonly algorithm: string;
  /** Columns that a frame to score must have; it may have more. */
  readonly inputs: Fields;
  /** Names of the score columns. */
  readonly outputs: readonly string[];
  /** True when the model can propose items by itself. */
  readonly canRetrieve: boolean;
  /** Columns that a frame to retrieve for must have. Default: `inputs`. A model that scores an item for a user reads no item here. */
  readonly retrievalInputs?: Fields;
  readonly runtime: ModelRuntime;
  /** Changes when a version trained before must not be served any more. */
  readonly fingerprint: string;
}
