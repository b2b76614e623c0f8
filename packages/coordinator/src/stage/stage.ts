import type { AnyPort } from '@milonga/core/app';
import type { StageContext } from './stage-context.ts';

/** A value, or a promise of one: a stage that answers at once costs no timer and no microtask. */
export type Awaitable<T> = T | PromiseLike<T>;

/**
 * What every stage has. A stage is a plain object, so another variety of it is one spread away:
 * `{ ...features(itemActivity), timeoutMs: 20 }`.
 */
export interface Stage<in Query> {
  /** Unique within the pipeline: in `degraded`, explanations, metrics and spans. */
  readonly name: string;
  /** False leaves the stage out of this request. Default: always in. */
  readonly enabled?: (query: Query) => boolean;
  /** Its own limit; it never gets more than what remains of the request less the reserve. Default: what remains. */
  readonly timeoutMs?: number;
  /** Ports that it takes from `context.ports`; others are refused there. Default: none. */
  readonly needs?: readonly AnyPort[];
}

/** What may become of a request when a stage fails or is late: `skip` goes on and names the stage in `degraded`. */
export type FailurePolicy = 'skip' | 'fail';

export type { StageContext };
