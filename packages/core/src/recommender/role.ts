import type { AnyPort } from '../app/adapter.ts';
import type { Ports } from '../ports/port.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Recommender } from './recommender.ts';
import type { Route } from './route.ts';

/** What a role is given when it starts. */
export interface RoleContext {
  readonly recommender: Recommender;
  /** Holds every port of the role's `needs`. */
  readonly ports: Ports;
  /** Aborts when the process must end now; `stop` is the polite way and comes first. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** A role at work. */
export interface RunningRole {
  /** HTTP routes that a server should offer for it. */
  readonly routes?: readonly Route[];
  /** In one sentence why it cannot do its work now; `undefined` when it can. Behind `/readyz`. */
  readonly notReady?: () => string | undefined;
  /** Resolves when nothing that was handed in before the call is still in work here. */
  settle?(): Promise<void>;
  /** Takes nothing new, finishes or gives back what it has, and ends. Idempotent. */
  stop(): Promise<void>;
}

/**
 * One job of a recommender that can be a process of its own: `collect`, `lake`, `tiles`, `materialise`, `train`,
 * `predict`, `recommend`, or one of yours. A role is a plain function over ports.
 */
export interface Role {
  readonly name: string;
  /** One line for `--help`. */
  readonly description: string;
  /** Ports it uses; they are created before it starts. */
  readonly needs: (recommender: Recommender) => readonly AnyPort[];
  start(context: RoleContext): Promise<RunningRole>;
}
