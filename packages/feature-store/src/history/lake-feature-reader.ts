import {
  type FeatureBatch,
  type FeatureReader,
  type FeatureRequest,
  type FeatureViewShape,
  type Fields,
  Frame,
  type Lake,
  lakeTableOf,
  SPANS,
  Turns,
  throwIfAborted,
  tracer,
} from '@milonga/core';
import { checkRequest } from '../online/online-feature-reader.ts';
import { type CompiledView, compiledView } from '../view/compiled-view.ts';
import { Lookups } from './lookups.ts';
import { KEYS, LOOKUPS, viewStatements } from './view-sql.ts';
import { FeatureWalk } from './walk-features.ts';

/** A read that waits for company. */
interface Waiting {
  readonly keys: FeatureRequest['keys'];
  readonly at: number;
  readonly resolve: (batch: FeatureBatch) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads features as of any moment of the past, from the events of the lake, with the values that the online reader had then.
 *
 * Counts, sums, moments and lists are the same bit for bit; decayed values to nine digits; distinct values are counted
 * exactly, where the online sketch estimates beyond its exact range. An event whose id an entity has already seen in the same
 * partition does not count. Reads that are made in one turn of the event loop are one statement for each view and each
 * field of which different values are told apart.
 */
export class LakeFeatureReader implements FeatureReader {
  readonly #lake: Lake;
  readonly #waiting = new Map<FeatureViewShape, Waiting[]>();
  #isScheduled = false;
  #handingOut = 0;

  constructor(lake: Lake) {
    this.#lake = lake;
  }

  async read<const Views extends readonly FeatureViewShape[]>(
    request: FeatureRequest<Views>,
    { at, signal }: { readonly at: number; readonly signal?: AbortSignal },
  ): Promise<{ readonly [At in keyof Views]: Views[At] extends FeatureViewShape<infer F> ? FeatureBatch<F> : never }> {
    checkRequest(request.views, request.keys);
    throwIfAborted(signal, 'Reading features of the past');
    const batches = await Promise.all(request.views.map((view) => this.#wait(view, request.keys, at)));
    throwIfAborted(signal, 'Reading features of the past');
    return batches as never;
  }

  #wait(view: FeatureViewShape, keys: FeatureRequest['keys'], at: number): Promise<FeatureBatch> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(view) ?? [];
      this.#waiting.set(view, waiting);
      waiting.push({ keys, at, resolve, reject });
      this.#schedule();
    });
  }

  /** While answers are being handed out, more reads will come of them: they go together. */
  #schedule(): void {
    if (this.#isScheduled || this.#handingOut > 0) return;
    this.#isScheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#isScheduled = false;
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const [view, waiting] of all) {
      this.#answer(view, waiting).catch((error: unknown) => {
        for (const { reject } of waiting) reject(error);
      });
    }
  }

  async #answer(view: FeatureViewShape, waiting: readonly Waiting[]): Promise<void> {
    const lookups = await Lookups.of(waiting);
    await tracer().startActiveSpan(
      SPANS.featuresRead,
      { attributes: { view: view.name, keys: lookups.length } },
      async (span) => {
        try {
          const values = await this.#look(compiledView(view), lookups);
          const all = Frame.fromColumns<Fields>(view.fields, values.columns as never, { length: lookups.length });
          await this.#handOut(waiting, lookups, all, values);
        } finally {
          span.end();
        }
      },
    );
  }

  /** Whoever gets an answer goes on at once; so this gives way in between. */
  async #handOut(waiting: readonly Waiting[], lookups: Lookups, all: Frame, values: Looked): Promise<void> {
    const turns = new Turns('Handing out features of the past');
    this.#handingOut += 1;
    try {
      for (const [request, { resolve }] of waiting.entries()) {
        const places = lookups.places[request]!;
        resolve({
          frame: all.take(places),
          found: Uint8Array.from(places, (place) => values.found[place]!),
          newestAt: Float64Array.from(places, (place) => values.newestAt[place]!),
        });
        await Promise.resolve();
        await turns.giveWay();
      }
    } finally {
      this.#handingOut -= 1;
      if (this.#waiting.size > 0) this.#schedule();
    }
  }

  async #look(view: CompiledView, lookups: Lookups): Promise<Looked> {
    await this.#lake.ensureTables([lakeTableOf(view.event)]);
    const found = new Uint8Array(lookups.length);
    const newestAt = new Float64Array(lookups.length).fill(Number.NaN);
    const columns: Record<string, unknown> = {};
    const onNewest = (lookup: number, newest: number): void => {
      if (newest === Number.NEGATIVE_INFINITY || newest < view.startAt(lookups.moments[lookup]!)) return;
      found[lookup] = 1;
      newestAt[lookup] = newest;
    };
    if (lookups.length === 0)
      return { columns: Object.fromEntries(view.features.map(({ name }) => [name, []])), found, newestAt };
    const turns = new Turns('Reading features of the past');
    const statements = viewStatements(view, this.#lake.dialect, lookups);
    for (const [at, statement] of statements.entries()) {
      const walk = new FeatureWalk(statement, lookups, at === 0 ? onNewest : undefined);
      const frames = { [KEYS]: lookups.keysFrame, [LOOKUPS]: lookups.lookupsFrame };
      for await (const frame of this.#lake.query(statement.sql, [], { frames })) {
        walk.take(frame);
        await turns.giveWay();
      }
      for (const [name, values] of walk.finish()) columns[name] = values;
    }
    return { columns, found, newestAt };
  }
}

interface Looked {
  readonly columns: Readonly<Record<string, unknown>>;
  readonly found: Uint8Array;
  readonly newestAt: Float64Array;
}
