import {
  type ArtifactStore,
  type Clock,
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
import { ModelHost } from './model-host.ts';
import { PastVersions } from './past-versions.ts';

/** What an {@link InProcessPredictor} works with. */
export interface InProcessPredictorOptions {
  readonly models: readonly ModelDefinition[];
  readonly registry: ModelRegistry;
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: SwapLimits;
}

/** Answers `Predictor` with versions held in this process. */
export class InProcessPredictor implements Predictor {
  readonly hosts: ReadonlyMap<string, ModelHost>;
  readonly #past: PastVersions;
  #isClosed = false;

  constructor({ models, registry, artifacts, clock, log, limits }: InProcessPredictorOptions) {
    this.hosts = new Map(
      models.map((definition) => [
        definition.name,
        new ModelHost({ definition, registry, artifacts, clock, log, limits }),
      ]),
    );
    this.#past = new PastVersions(registry, artifacts);
  }

  async predict(model: string, rows: Frame, options: PredictOptions = {}): Promise<Prediction> {
    const host = this.#host(model, options);
    host.checkInputs(rows, host.definition.inputs);
    const hosted =
      options.liveAt === undefined ? liveOf(host) : await this.#past.liveAt(host.definition, options.liveAt);
    if (options.liveAt === undefined) host.remember(rows);
    const scores = await hosted.predict(rows);
    for (const name of host.definition.outputs) {
      const found = scores[name]?.length ?? 0;
      if (found !== rows.length) {
        throw new MilongaError(
          'MILONGA_FRAME_SHAPE',
          `Model "${model}" returned ${found} scores "${name}" for ${rows.length} rows; it must return one per row.`,
        );
      }
    }
    return { scores, model, version: hosted.version };
  }

  async retrieve(model: string, rows: Frame, limit: number, options: PredictOptions = {}): Promise<Retrieval> {
    const host = this.#host(model, options);
    host.checkInputs(rows, host.definition.retrievalInputs ?? host.definition.inputs);
    const hosted =
      options.liveAt === undefined ? liveOf(host) : await this.#past.liveAt(host.definition, options.liveAt);
    const found = await hosted.use((loaded) => retrieverOf(model, loaded)(rows, limit));
    return { ...found, model, version: hosted.version };
  }

  liveVersion(model: string): string | undefined {
    return this.hosts.get(model)?.live?.version;
  }

  #host(model: string, { signal }: PredictOptions): ModelHost {
    if (this.#isClosed) throw new MilongaError('MILONGA_CLOSED', 'The predictor was closed.');
    throwIfAborted(signal, `Prediction with model "${model}"`);
    const host = this.hosts.get(model);
    if (host !== undefined) return host;
    throw new MilongaError(
      'MILONGA_MODEL_UNKNOWN',
      `No model is named "${model}". Defined: ${[...this.hosts.keys()].join(', ') || 'none'}.`,
    );
  }

  close(): void {
    this.#isClosed = true;
    for (const host of this.hosts.values()) host.close();
    this.#past.close();
  }
}

/** Handed out without waiting in between: whoever has it uses it before a swap can retire it. */
function liveOf({ definition, live }: ModelHost): HostedVersion {
  if (live !== undefined) return live;
  throw new MilongaError('MILONGA_MODEL_NOT_LOADED', `Model "${definition.name}" has no live version yet.`, {
    isRetryable: true,
  });
}

function retrieverOf(model: string, loaded: LoadedModel): NonNullable<LoadedModel['retrieve']> {
  if (loaded.retrieve === undefined) {
    throw new MilongaError(
      'MILONGA_MODEL_INCOMPATIBLE',
      `Model "${model}" only scores; it cannot propose items by itself.`,
    );
  }
  return loaded.retrieve.bind(loaded);
}
