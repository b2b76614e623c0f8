import { createHash } from 'node:crypto';
import {
  type ArtifactStore,
  artifactNames,
  baselineColumnOf,
  type Float64Type,
  Frame,
  float64,
  type LoadedModel,
  type ModelDefinition,
  type ModelManifest,
  type ModelRegistry,
  type ModelRuntime,
  type StringType,
  string,
  toArrowStream,
} from '@milonga/core';

/** What a linear version is made of: `score = bias + slope * x`; it proposes its items for every row. */
export interface Linear {
  readonly bias: number;
  readonly slope: number;
  readonly items: readonly string[];
}

/** What one version in memory went through. */
export interface LinearLife {
  readonly version: string;
  predictions: number;
  isDisposed: boolean;
  /** Calls to a version whose memory was given back: there must be none. */
  callsAfterDispose: number;
  running: number;
}

/** How a version is made to misbehave, by version. */
export interface Misbehaviour {
  readonly load?: () => void | Promise<void>;
  readonly predict?: (scores: Float64Array, rows: Frame) => Float64Array | Promise<Float64Array>;
  readonly retrieve?: LoadedModel['retrieve'] | 'absent';
  readonly dispose?: () => void;
}

export const LINEAR_INPUTS: { readonly id: StringType; readonly x: Float64Type } = { id: string(), x: float64() };
export const rowsOf = (...xs: readonly number[]): Frame =>
  Frame.fromRows(
    LINEAR_INPUTS,
    xs.map((x, at) => ({ id: `item-${at}`, x })),
  ) as unknown as Frame;

/** A real runtime over JSON files, which remembers the life of every version it loaded. */
export class LinearRuntime implements ModelRuntime {
  readonly name = 'test/linear/1';
  readonly lives: LinearLife[] = [];
  readonly misbehaviour: Map<string, Misbehaviour> = new Map();

  async load(manifest: ModelManifest, files: ReadonlyMap<string, Uint8Array>): Promise<LoadedModel> {
    const { version } = manifest;
    const odd = this.misbehaviour.get(version) ?? {};
    await odd.load?.();
    const weights = JSON.parse(new TextDecoder().decode(files.get('weights.json'))) as Linear;
    const life: LinearLife = { version, predictions: 0, isDisposed: false, callsAfterDispose: 0, running: 0 };
    this.lives.push(life);
    return {
      bytes: 24,
      predict: async (rows) => {
        life.predictions += 1;
        life.running += 1;
        if (life.isDisposed) life.callsAfterDispose += 1;
        await new Promise((resolve) => setImmediate(resolve)); // so that calls are in flight when a swap comes
        const scores = rows
          .column('x')
          .toFloat64()
          .map((x) => weights.bias + weights.slope * x);
        try {
          return { score: (await odd.predict?.(scores, rows)) ?? scores };
        } finally {
          life.running -= 1;
          if (life.isDisposed) life.callsAfterDispose += 1;
        }
      },
      ...(odd.retrieve === 'absent'
        ? {}
        : { retrieve: odd.retrieve ?? ((rows, limit) => propose(weights, rows, limit)) }),
      dispose: () => {
        if (life.running > 0 || life.isDisposed) throw new Error(`${version} was disposed of under a call, or twice.`);
        life.isDisposed = true;
        odd.dispose?.();
      },
    };
  }
}

function propose({ items }: Linear, rows: Frame, limit: number): ReturnType<NonNullable<LoadedModel['retrieve']>> {
  const some = items.slice(0, limit);
  return {
    offsets: Int32Array.from({ length: rows.length + 1 }, (_, row) => row * some.length),
    ids: Array.from({ length: rows.length }, () => some).flat(),
    scores: Float64Array.from({ length: rows.length * some.length }, (_, at) => -(at % some.length)),
  };
}

export const linearDefinition = (runtime: ModelRuntime, name: string = 'linear'): ModelDefinition => ({
  kind: 'model',
  name,
  algorithm: 'linear',
  inputs: LINEAR_INPUTS,
  retrievalInputs: {},
  outputs: ['score'],
  canRetrieve: true,
  runtime,
  fingerprint: 'linear-1',
  roles: [],
  adapters: [],
});

/** How a stored version differs from what its weights make of it. */
export interface StoredDifferently {
  readonly weights?: Partial<Linear>;
  /** Expected scores of the baseline. Default: the right ones. */
  readonly expected?: (xs: readonly number[]) => readonly number[];
  readonly manifest?: Partial<ModelManifest>;
  /** Last look at the files; `undefined` leaves one out of the store. */
  readonly stored?: (name: string, bytes: Uint8Array) => Uint8Array | undefined;
}

const BASELINE_XS = [-2, -1, 0, 0.5, 1, 10];

/** Stores and registers a version. */
export async function storeLinear(
  version: string,
  stores: { readonly artifacts: ArtifactStore; readonly registry: ModelRegistry },
  { weights = {}, expected, manifest = {}, stored = (_, bytes) => bytes }: StoredDifferently = {},
): Promise<ModelManifest> {
  const linear: Linear = { bias: 0, slope: 1, items: ['a', 'b', 'c'], ...weights };
  const scores = expected?.(BASELINE_XS) ?? BASELINE_XS.map((x) => linear.bias + linear.slope * x);
  const column = baselineColumnOf('score');
  const baseline = rowsOf(...BASELINE_XS).withColumns(
    Frame.fromColumns({ [column]: float64() }, { [column]: Float64Array.from(scores) }),
  );
  const files = {
    'weights.json': new TextEncoder().encode(JSON.stringify(linear)),
    'baseline.arrow': toArrowStream(baseline as Frame),
  };
  const described: ModelManifest = {
    format: 1,
    model: 'linear',
    version,
    algorithm: 'linear',
    runtime: 'test/linear/1',
    createdAt: 1,
    dataFrom: 0,
    dataUntil: 1,
    rows: 1,
    trainMs: 1,
    bytes: 1,
    parameters: {},
    metrics: {},
    gates: [],
    inputs: [],
    outputs: [{ name: 'score', kind: 'float64' }],
    fingerprint: 'linear-1',
    files: Object.entries(files).map(([name, bytes]) => ({
      name,
      bytes: bytes.byteLength,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })),
    baselineFile: 'baseline.arrow',
    baselineTolerance: 1e-9,
    ...manifest,
  };
  for (const [name, bytes] of Object.entries(files)) {
    const found = stored(name, bytes);
    if (found !== undefined)
      await stores.artifacts.putIfAbsent(artifactNames.file(described.model, version, name), found);
  }
  await stores.registry.register(described);
  return described;
}
