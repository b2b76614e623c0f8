import type { protos } from '@google-cloud/bigtable';
import { MilongaError, type RowMutation } from '@milonga/core';

export type Mutation = protos.google.bigtable.v2.IMutation;

/** One change of one row, of one mutation or of several that follow each other without a condition. */
export interface RowStep {
  readonly key: Uint8Array;
  /** Positions in the batch. */
  readonly of: number[];
  readonly mutations: Mutation[];
  readonly onlyIf: RowMutation['onlyIf'];
  /** Approximate size, bytes. */
  bytes: number;
}

/** A batch as steps: those of one wave are of different rows. */
export interface MutationPlan {
  readonly waves: readonly (readonly RowStep[])[];
  /** Mutations that Bigtable cannot store, by their positions. */
  readonly refused: ReadonlyMap<number, MilongaError>;
}

/** Bigtable takes 100,000 mutations in one request. */
const MOST_MUTATIONS = 50_000;

/**
 * Divides a batch so that what it does to one row happens in its order: Bigtable applies the entries of one request in any
 * order. Mutations of a row that follow each other without a condition become one entry.
 */
export function planMutations(batch: readonly RowMutation[]): MutationPlan {
  const stepsOfRow = new Map<string, RowStep[]>();
  const refused = new Map<number, MilongaError>();
  batch.forEach((change, at) => {
    const error = problemOf(change);
    if (error !== undefined) {
      refused.set(at, error);
      return;
    }
    const name = Buffer.from(change.key).toString('latin1');
    const steps = stepsOfRow.get(name) ?? [];
    stepsOfRow.set(name, steps);
    const mutations = mutationsOf(change);
    const last = steps.at(-1);
    const joins =
      last !== undefined &&
      last.onlyIf === undefined &&
      change.onlyIf === undefined &&
      last.mutations.length + mutations.length <= MOST_MUTATIONS;
    const step = joins ? last : { key: change.key, of: [], mutations: [], onlyIf: change.onlyIf, bytes: 0 };
    if (!joins) steps.push(step);
    step.of.push(at);
    for (const mutation of mutations) step.mutations.push(mutation);
    step.bytes += sizeOf(change);
  });
  const waves: RowStep[][] = [];
  for (const steps of stepsOfRow.values()) {
    steps.forEach((step, wave) => {
      waves[wave] ??= [];
      waves[wave].push(step);
    });
  }
  return { waves, refused };
}

function mutationsOf({ deleteRow, delete: gone = [], set = [] }: RowMutation): Mutation[] {
  const mutations: Mutation[] = [];
  if (deleteRow === true) mutations.push({ deleteFromRow: {} });
  for (const { family, qualifier } of gone) {
    mutations.push({ deleteFromColumn: { familyName: family, columnQualifier: qualifier } });
  }
  for (const { family, qualifier, value, at } of set) {
    // A cell has one version, and a set may be older than what it replaces.
    mutations.push({ deleteFromColumn: { familyName: family, columnQualifier: qualifier } });
    mutations.push({
      setCell: { familyName: family, columnQualifier: qualifier, timestampMicros: at * 1_000, value },
    });
  }
  return mutations;
}

function sizeOf({ key, set = [] }: RowMutation): number {
  let bytes = key.length + 16;
  for (const { qualifier, value } of set) bytes += qualifier.length * 2 + value.length + 64;
  return bytes;
}

function problemOf({ key, set = [] }: RowMutation): MilongaError | undefined {
  if (key.length === 0 || key.length > 4_096) {
    return new MilongaError('MILONGA_KEY_INVALID', `A row key has ${key.length} bytes; Bigtable takes 1 to 4,096.`);
  }
  const odd = set.find(({ at }) => !Number.isSafeInteger(at * 1_000) || !Number.isInteger(at) || at < 0);
  if (odd === undefined) return undefined;
  return new MilongaError(
    'MILONGA_SCHEMA_INVALID',
    `A cell of the family "${odd.family}" has the time ${odd.at}; Bigtable keeps whole milliseconds from 1970 on. Round it.`,
  );
}
