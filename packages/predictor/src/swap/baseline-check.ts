import {
  baselineColumnOf,
  Frame,
  fromArrowStream,
  type LoadedModel,
  MilongaError,
  type ModelManifest,
} from '@milonga/core';
import type { SwapCheck } from './swap-report.ts';

/** The inputs that the trainer recorded, and what it got for them. */
export interface Baseline {
  readonly inputs: Frame;
  readonly expected: Readonly<Record<string, Float64Array>>;
}

/** @throws MilongaError `MILONGA_ARTIFACT_CORRUPT` when the file is not what the manifest says. */
export function readBaseline(manifest: ModelManifest, bytes: Uint8Array): Baseline {
  const inputs = Frame.concat(fromArrowStream(bytes));
  const expected = Object.fromEntries(
    manifest.outputs.map(({ name }) => {
      const column = baselineColumnOf(name);
      const values = inputs.layout.names.includes(column) ? inputs.column(column).values : undefined;
      if (!(values instanceof Float64Array)) {
        throw new MilongaError(
          'MILONGA_ARTIFACT_CORRUPT',
          `The baseline of "${manifest.model}" "${manifest.version}" lacks the float64 column "${column}".`,
        );
      }
      return [name, values] as const;
    }),
  );
  if (inputs.length === 0)
    throw new MilongaError(
      'MILONGA_ARTIFACT_CORRUPT',
      `The baseline of "${manifest.model}" "${manifest.version}" has no rows.`,
    );
  return { inputs, expected };
}

/** A server must give what the trainer got, within the manifest's tolerance, on every row and output. */
export async function checkBaseline(
  manifest: ModelManifest,
  baseline: Baseline,
  loaded: LoadedModel,
): Promise<SwapCheck> {
  const found = await loaded.predict(baseline.inputs);
  let worst = 0;
  let where = '';
  for (const [output, expected] of Object.entries(baseline.expected)) {
    const got = found[output];
    if (got === undefined || got.length !== expected.length) {
      return {
        check: 'baseline',
        passed: false,
        figures: {},
        reason: `Output "${output}" has ${got?.length ?? 0} scores for ${expected.length} baseline rows.`,
      };
    }
    for (let row = 0; row < expected.length; row += 1) {
      const difference = relativeDifference(expected[row] as number, got[row] as number);
      if (difference > worst) {
        worst = difference;
        where = `row ${row} of "${output}": expected ${expected[row]}, found ${got[row]}`;
      }
    }
  }
  const rows = baseline.inputs.length;
  const passed = worst <= manifest.baselineTolerance;
  return {
    check: 'baseline',
    passed,
    figures: {
      rows,
      worstDifference: worst === Infinity ? Number.MAX_VALUE : worst,
      tolerance: manifest.baselineTolerance,
    },
    reason: passed
      ? `${rows} rows reproduced within ${manifest.baselineTolerance}.`
      : `Not reproduced within ${manifest.baselineTolerance}: ${where}.`,
  };
}

/** Relative to max(1, |expected|); NaN where a number was expected is infinitely wrong. */
function relativeDifference(expected: number, found: number): number {
  if (Object.is(expected, found) || expected === found) return 0;
  const difference = Math.abs(expected - found) / Math.max(1, Math.abs(expected));
  return Number.isNaN(difference) ? Infinity : difference;
}
