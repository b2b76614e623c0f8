import type { CandidateFields, Duration, Frame, Ports, Row } from '@milonga/core';
import { LRUCache } from 'lru-cache';
import { abortable } from '../cache/shared-runs.ts';
import type { Source } from '../stage/source.ts';
import type { StageContext } from '../stage/stage.ts';

/** How long, and how much, {@link cached} keeps. */
export interface CachedOptions<in Query> {
  /** How long a result is served without asking again. */
  readonly ttl: Duration;
  /** How much longer it is served while the source is asked again behind the scenes. Default: the TTL again. */
  readonly stale?: Duration;
  /** Most results; the least recently used goes first. Default: 1,000. */
  readonly maxEntries?: number;
  /** Requests of one key share a result. Default: all requests do. */
  readonly key?: (query: Query) => string;
}

type Found<F extends CandidateFields> = Frame<F> | readonly Row<F>[];

/** What was found, when (in the time that requests live in), and by which versions of models. */
interface Entry<F extends CandidateFields> {
  readonly found: Found<F>;
  readonly foundAt: number;
  readonly models: readonly (readonly [model: string, version: string])[];
}

/** How long a source may take that no request waits for any more. */
const REFRESH_MS = 10_000;

/**
 * A source whose results are kept for a while. Past its TTL, a result is still served while the source is asked again, so a
 * source that is slow or down goes unnoticed for that long: the last resort of a fallback, such as what was popular a minute
 * ago. Requests that need the same at the same time share one question. What is kept belongs to the bound pipeline, never to
 * the definition, and training sets do not see it.
 *
 * @example
 * ```ts
 * .fallback(cached(fromModel('trending'), { ttl: minutes(1), stale: hours(6) }))
 * ```
 */
export function cached<Query, F extends CandidateFields>(
  source: Source<Query, F>,
  options: CachedOptions<Query>,
): Source<Query, F> {
  const memories = new WeakMap<Ports, SourceMemory<Query, F>>();
  return {
    ...source,
    fetch: (query, context) => {
      let memory = memories.get(context.ports);
      if (memory === undefined) {
        memory = new SourceMemory(source, options);
        memories.set(context.ports, memory);
      }
      return memory.fetch(query, context);
    },
  };
}

class SourceMemory<Query, F extends CandidateFields> {
  readonly #source: Source<Query, F>;
  readonly #freshMs: number;
  readonly #staleMs: number;
  readonly #key: (query: Query) => string;
  readonly #entries: LRUCache<string, Entry<F>>;
  readonly #asking: Map<string, Promise<Entry<F>>> = new Map();

  constructor(
    source: Source<Query, F>,
    { ttl, stale = ttl, maxEntries = 1_000, key = () => '' }: CachedOptions<Query>,
  ) {
    this.#source = source;
    this.#freshMs = ttl.ms;
    this.#staleMs = ttl.ms + stale.ms;
    this.#key = key;
    this.#entries = new LRUCache({ max: maxEntries });
  }

  async fetch(query: Query, context: StageContext): Promise<Found<F>> {
    const key = this.#key(query);
    const kept = this.#entries.get(key);
    const ageMs = kept === undefined ? Number.POSITIVE_INFINITY : context.now - kept.foundAt;
    if (kept === undefined || ageMs >= this.#staleMs) return noted(await this.#ask(key, query, context), context);
    if (ageMs >= this.#freshMs) this.#ask(key, query, context).catch(() => {}); // it shows when the kept result is too old
    return noted(kept, context);
  }

  #ask(key: string, query: Query, context: StageContext): Promise<Entry<F>> {
    let question = this.#asking.get(key);
    if (question === undefined) {
      question = this.#find(query, context)
        .then((entry) => {
          this.#entries.set(key, entry);
          return entry;
        })
        .finally(() => this.#asking.delete(key));
      this.#asking.set(key, question);
    }
    return question;
  }

  /** With a signal of its own: others may wait for the answer when the request that asked has gone. */
  async #find(query: Query, { requestId, now, ports, queryFields }: StageContext): Promise<Entry<F>> {
    const models: [string, string][] = [];
    const limitMs = this.#source.timeoutMs ?? REFRESH_MS;
    const signal = AbortSignal.timeout(limitMs);
    const own: StageContext = {
      requestId,
      now,
      ports,
      queryFields,
      signal,
      remainingMs: () => limitMs,
      usedModel: (model, version) => void models.push([model, version]),
    };
    const found = await abortable((async () => this.#source.fetch(query, own))(), signal); // whether the source heeds it or not
    return { found: found as Found<F>, foundAt: now, models };
  }
}

function noted<F extends CandidateFields>({ found, models }: Entry<F>, context: StageContext): Found<F> {
  for (const [model, version] of models) context.usedModel(model, version);
  return found;
}
