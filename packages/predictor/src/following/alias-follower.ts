import { type AliasEntry, type Clock, type Logger, type ModelRegistry, messageOf } from '@milonga/core';
import type { ModelHost } from '../hosting/model-host.ts';
import { isDecided } from '../swap/claim-live.ts';

/** In the order in which one leads to the other. */
const ALIASES = ['candidate', 'live'] as const;
/** Before the registry is asked again that could not be. */
const RETRY_MS = 1_000;
/** Earlier live versions that a start tries when the live one cannot be loaded. */
const MOST_EARLIER = 2;

/** What an {@link AliasFollower} works with. */
export interface AliasFollowerOptions {
  readonly host: ModelHost;
  readonly registry: ModelRegistry;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Follows the aliases of one model: `live` as others move it (another process, a rollback), `candidate` as training does. */
export class AliasFollower {
  readonly #options: AliasFollowerOptions;
  readonly #model: string;
  readonly #stopping = new AbortController();
  /** By alias: the greatest revision that was looked at. */
  readonly #seen = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  #loops: Promise<unknown> = Promise.resolve();

  constructor(options: AliasFollowerOptions) {
    this.#options = options;
    this.#model = options.host.definition.name;
  }

  /** Brings up what is live now before the first request, then follows. */
  async start(): Promise<void> {
    const live = await this.#options.registry.alias(this.#model, 'live');
    if (live !== undefined) {
      await this.#apply(live);
      if (live.version !== undefined && this.#options.host.live === undefined) await this.#bringUpEarlier(live);
    }
    this.#loops = Promise.all(ALIASES.map((alias) => this.#follow(alias)));
  }

  /** A live version that cannot be loaded leaves one that was live before: stale answers are better than none. */
  async #bringUpEarlier(live: AliasEntry): Promise<void> {
    const { host, registry, log } = this.#options;
    const moves = (await registry.history(this.#model, 'live')).toReversed();
    const tried = new Set([live.version]);
    for (const move of moves) {
      if (move.version === undefined || tried.has(move.version)) continue;
      if (tried.size > MOST_EARLIER) return;
      tried.add(move.version);
      if (!(await host.adopt(move, 'predict', this.#stopping)).adopted) continue;
      log.warn('An earlier version answers, because the live one cannot', {
        model: this.#model,
        live: live.version,
        version: move.version,
      });
      return;
    }
  }

  async #follow(alias: string): Promise<void> {
    const { registry, clock, log } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        for await (const entry of registry.watch(this.#model, alias, { signal })) await this.#apply(entry);
      } catch (error) {
        log.error('The model registry cannot be followed; trying again', {
          model: this.#model,
          alias,
          error: messageOf(error),
        });
        await clock.sleep(RETRY_MS, signal).catch(() => {});
      }
    }
  }

  async #apply(entry: AliasEntry): Promise<void> {
    const { host, registry, log } = this.#options;
    if ((this.#seen.get(entry.alias) ?? 0) < entry.revision && !this.#stopping.signal.aborted) {
      if (entry.alias === 'live' && entry.version === undefined) host.withdraw();
      else if (entry.alias !== 'live' && (await isDecided(registry, entry)))
        log.debug('A candidate was decided on before', { model: this.#model, version: entry.version });
      else await host.adopt(entry, 'predict', this.#stopping);
      this.#seen.set(entry.alias, entry.revision);
    }
    for (const wake of this.#waiting) wake();
  }

  /** Resolves when every move made before the call was looked at. */
  async settle(): Promise<void> {
    for (const alias of ALIASES) {
      const revision = (await this.#options.registry.alias(this.#model, alias))?.revision ?? 0;
      while ((this.#seen.get(alias) ?? 0) < revision && !this.#stopping.signal.aborted) await this.#nextLook();
    }
  }

  #nextLook(): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
    });
  }

  /** Ends what is being waited for, and gives up what is being tried: the next start tries it again. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loops;
    for (const wake of this.#waiting) wake();
  }
}
