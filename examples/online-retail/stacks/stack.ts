import type { Adapter } from '@milonga/core/app';
import type { ServiceName } from '../../../services/addresses.ts';

/** What a run of the shop stands on: nothing of the recommender differs but this list of adapters. */
export interface Stack {
  /** One line for `--help`. */
  readonly what: string;
  /** True when every role runs as a process of its own. */
  readonly isSpread: boolean;
  /** The real services that the adapters speak to. */
  readonly services: readonly ServiceName[];
  /** Those of them that a `kill -9` does not cost their data; stand-ins that live in memory are not among them. */
  readonly survivors: readonly ServiceName[];
  /** The adapters, later ones before earlier ones; SDKs are loaded here, so that only who needs them installs them. */
  adapters(place: StackPlace): Promise<readonly Adapter[]>;
}

/** Where a stack keeps its state. */
export interface StackPlace {
  /** What lies on this machine's disk. */
  readonly dir: string;
  /** Where the services of this run wrote their addresses. */
  readonly servicesFolder: string;
}
