import {
  type AliasEntry,
  type Logger,
  ModelRegistry,
  messageOf,
  Predictor,
  type Role,
  type RoleContext,
  type RunningRole,
} from '@milonga/core';
import { InProcessPredictor } from './hosting/in-process-predictor.ts';
import type { ModelHost } from './hosting/model-host.ts';

const ALIASES = ['live', 'candidate'] as const;

/** Follows the aliases of one model: `live` as others move it (another process, a rollback), `candidate` as training does. */
class AliasFollower {
  readonly #host: ModelHost;
  readonly #registry: ModelRegistry;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  /** Versions change one after the other, whichever alias asked for it. */
  #queue: Promise<void> = Promise.resolve();
  readonly #seen = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  #loops: Promise<unknown> = Promise.resolve();

  constructor(host: ModelHost, registry: ModelRegistry, log: Logger) {
    this.#host = host;
    this.#registry = registry;
    this.#log = log;
  }

  /** Brings up what is live now before the first request, then follows. */
  async start(): Promise<void> {
    const live = await this.#registry.alias(this.#host.definition.name, 'live');
    if (live !== undefined) await this.#handle(live);
    this.#loops = Promise.all(ALIASES.map((alias) => this.#follow(alias)));
  }

  async #follow(alias: string): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        for await (const entry of this.#registry.watch(this.#host.definition.name, alias, { signal }))
          await this.#handle(entry);
      } catch (error) {
        if (signal.aborted) return;
        this.#log.error('The model registry cannot be watched; trying again', {
          model: this.#host.definition.name,
          alias,
          error: messageOf(error),
        });
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
    }
  }

  #handle(entry: AliasEntry): Promise<void> {
    this.#queue = this.#queue
      .then(() => this.#apply(entry))
      .catch((error: unknown) => {
        this.#log.error('A model version could not be looked at', {
          model: entry.model,
          version: entry.version,
          error: messageOf(error),
        });
      });
    return this.#queue;
  }

  async #apply(entry: AliasEntry): Promise<void> {
    if ((this.#seen.get(entry.alias) ?? 0) < entry.revision) {
      if (entry.version !== undefined && !(await this.#isOvertaken(entry))) await this.#host.adopt(entry, 'predict');
      this.#seen.set(entry.alias, entry.revision);
    }
    for (const wake of this.#waiting) wake();
  }

  /**
   * A candidate that was promoted before and then rolled back must not come back by itself: a restart reads the alias
   * anew. Only a candidate named after the last move of `live` is news.
   */
  async #isOvertaken(entry: AliasEntry): Promise<boolean> {
    if (entry.alias !== 'candidate') return false;
    const history = await this.#registry.history(entry.model, 'live');
    return history.some((move) => move.version === entry.version) && history.at(-1)?.version !== entry.version;
  }

  /** Resolves when every move made before the call was looked at. */
  async settle(): Promise<void> {
    for (const alias of ALIASES) {
      const revision = (await this.#registry.alias(this.#host.definition.name, alias))?.revision ?? 0;
      while ((this.#seen.get(alias) ?? 0) < revision && !this.#stopping.signal.aborted) {
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            this.#waiting.delete(wake);
            resolve();
          };
          this.#waiting.add(wake);
        });
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loops;
    await this.#queue;
    for (const wake of this.#waiting) wake();
  }
}

/** Serves model versions and lets new ones in through the swap gate. Part of the `predictor()` adapter. */
export const predictRole: Role = {
  name: 'predict',
  description: 'holds model versions in memory and swaps them behind the gate',
  needs: () => [Predictor, ModelRegistry],
  async start({ ports, log }: RoleContext): Promise<RunningRole> {
    const predictor = ports.get(Predictor);
    if (!(predictor instanceof InProcessPredictor)) return { stop: () => Promise.resolve() }; // models are served elsewhere
    const registry = ports.get(ModelRegistry);
    const followers = [...predictor.hosts.values()].map((host) => new AliasFollower(host, registry, log));
    await Promise.all(followers.map((follower) => follower.start()));
    return {
      settle: async () => void (await Promise.all(followers.map((follower) => follower.settle()))),
      stop: async () => void (await Promise.all(followers.map((follower) => follower.stop()))),
    };
  },
};
