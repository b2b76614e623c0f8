/** A file of an artifact. */
export interface ArtifactFile {
  /** Name within the version, such as `factors.arrow`. */
  readonly name: string;
  readonly bytes: number;
  /** SHA-256, lower-case hexadecimal. */
  readonly sha256: string;
}

/** One column of a model's input or output. */
export interface ModelColumn {
  readonly name: string;
  readonly kind: string;
}

/** What a gate found. */
export interface GateVerdict {
  /** `floor`, `regression`, `duration`, `size`, or a name of your own. */
  readonly gate: string;
  readonly passed: boolean;
  /** In words: what was expected and found. */
  readonly reason: string;
}

/**
 * What a version is: everything that a server must know before it loads it. Stored as JSON beside the files.
 *
 * Artifacts are immutable, so a manifest is written once, after all of its files.
 */
export interface ModelManifest {
  readonly format: 1;
  readonly model: string;
  readonly version: string;
  /** The algorithm's name, such as `item-knn`. */
  readonly algorithm: string;
  /** Which runtime loads the files, such as `milonga/item-knn/1`. */
  readonly runtime: string;
  readonly createdAt: number;
  /** Event time of the data: from (inclusive) and until (exclusive), Unix ms. */
  readonly dataFrom: number;
  readonly dataUntil: number;
  readonly rows: number;
  readonly trainMs: number;
  readonly bytes: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly gates: readonly GateVerdict[];
  readonly inputs: readonly ModelColumn[];
  readonly outputs: readonly ModelColumn[];
  /** Fingerprint of the definitions of everything the inputs come from: another one means another model. */
  readonly fingerprint: string;
  readonly files: readonly ArtifactFile[];
  /** File with the baseline: an Arrow stream of input columns, and one {@link baselineColumnOf} float64 column an output. */
  readonly baselineFile: string;
  /** Largest allowed difference from the baseline, relative to max(1, |expected|). */
  readonly baselineTolerance: number;
}

/** Where the parts of a version live in the artifact store. */
export const artifactNames = {
  manifest: (model: string, version: string): string => `models/${model}/versions/${version}/manifest.json`,
  file: (model: string, version: string, file: string): string => `models/${model}/versions/${version}/files/${file}`,
} as const;

/** Name of the baseline's column with the expected values of an output. */
export const baselineColumnOf = (output: string): string => `expected.${output}`;
