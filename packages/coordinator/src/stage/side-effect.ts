import type { Awaitable, Stage } from './stage.ts';
import type { StageContext } from './stage-context.ts';

/** An answered request, for those who record it. */
export interface Outcome<out Query, out Item> {
  readonly requestId: string;
  readonly pipeline: string;
  /** Whom the request was for: the value of the pipeline's `unit`. */
  readonly unit: string;
  /** When it was answered, Unix ms. */
  readonly answeredAt: number;
  readonly query: Query;
  readonly items: readonly Item[];
  /** One per item, also where `returning` leaves the id out. */
  readonly ids: readonly string[];
  /** By column; one number per item; NaN for items that nobody scored. */
  readonly scores: Readonly<Record<string, Float64Array>>;
  readonly degraded: readonly string[];
  readonly versions: readonly string[];
  readonly experiments: Readonly<Record<string, string>>;
  /** How many candidates the sources proposed, each once. */
  readonly candidates: number;
}

/** Something to do after the answer, such as logging it. A failure is counted and logged, and never fails the answer. */
export interface SideEffect<in Query, in Item> extends Stage<Query> {
  readonly run: (outcome: Outcome<Query, Item>, context: SideEffectContext) => Awaitable<void>;
}

/** What a side effect is given to work with. */
export type SideEffectContext = Pick<StageContext, 'ports' | 'signal'>;
