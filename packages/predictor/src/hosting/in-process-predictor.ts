import {
  type ArtifactStore,
  type Clock,
  type Fields,
  type Frame,
  type LoadedModel,
  type Logger,
  MilongaError,
  type ModelDefinition,
  type ModelRegistry,
  type Prediction,
  type PredictOptions,
  type Predictor,
  type Retrieval,
  throwIfAborted,
} from '@milonga/core';
import type { SwapLimits } from '../swap/swap-report.ts';
import type { HostedVersion } from '../versions/hosted-version.ts';
import { checkRetrieved, checkScores } from './check-answers.ts';
import { InputCheck } from './input-check.ts';
import { ModelHost } from './model-host.ts';
import { PastVersions } from './past-versions.ts';

/** What an {@link InProcessPredictor} works with. */
export interface InProcessPredictorOptions {
  readonly models: readonly ModelDefinition[];
  readonly registry: ModelRegistry;
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of the swap gate. Default: {}, that is the defaults of each. */
  readonly limits?: SwapLimits;
  /** Versions of the past that are kept in memory, over all models. Default: two for each model, at least 4. */
  readonly pastVersions?: number;
}

interface Served {
  readonly host: ModelHost;
  readonly inputs: InputCheck;
  readonly retrievalInputs: InputCheck;
}

/**
 * Answers `Predictor` with versions held in this process.
 *
 * A call that has begun ends on its version, also when a swap or `close` comes in between.
 */
export class InProcessPredictor implements Predictor {
  /** By name of the model: the way in for new versions. */
  readonly hosts: ReadonlyMap<string, ModelHost>;
  readonly #served: ReadonlyMap<string, Served>;
  readonly #past: PastVersions;
  #isClosed = false;

  constructor(options: InProcessPredictorOptions) {
    const { models, registry, artifacts, clock, log, limits = {} } = options;
    this.#served = new Map(
      models.map((definition) => [
        definition.name,
        {
          host: new ModelHost({ definition, registry, artifacts, clock, log, limits }),
          inputs: new InputCheck(definition.name, definition.inputs),
          retrievalInputs: new InputCheck(definition.name, retrievalInputsOf(definition)),
        },
      ]),
    );
    this.hosts = new Map([...this.#served].map(([name, { host }]) => [name, host]));
    const mostVersions = options.pastVersions ?? Math.max(4, 2 * models.length);
    this.#past = new PastVersions({ registry, artifacts, clock, mostVersions });
  }

  predict(model: string, rows: Frame, options: PredictOptions = {}): Promise<Prediction> {
    return this.#use(model, options, ({ host, inputs }) => {
      inputs.check(rows);
      if (options.liveAt === undefined) host.recent.remember(rows);
      return async (loaded, version) => {
        const scores = await loaded.predict(rows);
        checkScores(model, host.definition.outputs, rows.length, scores);
        return { scores, model, version };
      };
    });
  }

  retrieve(model: string, rows: Frame, limit: number, options: PredictOptions = {}): Promise<Retrieval> {
    return this.#use(model, options, ({ retrievalInputs }) => {
      retrievalInputs.check(rows);
      if (!Number.isInteger(limit) || limit < 0)
        throw new MilongaError('MILONGA_REQUEST_INVALID', `A limit of items is a whole number from 0; found ${limit}.`);
      return async (loaded, version) => {
        if (loaded.retrieve === undefined)
          throw new MilongaError(
            'MILONGA_MODEL_INCOMPATIBLE',
            `Model "${model}" only scores; it cannot propose items by itself.`,
          );
        const found = loaded.retrieve(rows, limit);
        checkRetrieved(model, rows.length, found);
        return { ...found, model, version };
      };
    });
  }

  /** Checks the call, then runs it on the version it asks for. */
  async #use<T>(
    model: string,
    { signal, liveAt }: PredictOptions,
    begin: (served: Served) => (loaded: LoadedModel, version: string) => Promise<T>,
  ): Promise<T> {
    if (this.#isClosed) throw new MilongaError('MILONGA_CLOSED', 'The predictor was closed.');
    throwIfAborted(signal, `Prediction with model "${model}"`);
    const served = this.#served.get(model);
    if (served === undefined) throw unknownModel(model, [...this.#served.keys()]);
    const run = begin(served);
    const call = (hosted: HostedVersion): Promise<T> => hosted.use((loaded) => run(loaded, hosted.version));
    const { host } = served;
    // Nothing is awaited between asking for the live version and using it: a swap cannot come in between.
    if (liveAt === undefined) return call(liveOf(host));
    return this.#past.use(host.definition, liveAt, () => host.live, call);
  }

  liveVersion(model: string): string | undefined {
    return this.hosts.get(model)?.live?.version;
  }

  /** Takes no new calls; memory is given back when those in flight have ended. Idempotent. */
  close(): void {
    this.#isClosed = true;
    for (const host of this.hosts.values()) host.close();
    this.#past.close();
  }
}

const retrievalInputsOf = ({ inputs, retrievalInputs }: ModelDefinition): Fields => retrievalInputs ?? inputs;

function liveOf({ definition, live }: ModelHost): HostedVersion {
  if (live !== undefined) return live;
  throw new MilongaError(
    'MILONGA_MODEL_NOT_LOADED',
    `Model "${definition.name}" has no live version yet; train one, or promote one.`,
    { isRetryable: true },
  );
}

const unknownModel = (model: string, defined: readonly string[]): MilongaError =>
  new MilongaError('MILONGA_MODEL_UNKNOWN', `No model is named "${model}". Defined: ${defined.join(', ') || 'none'}.`);
