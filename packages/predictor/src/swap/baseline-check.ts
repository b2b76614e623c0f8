import {
  baselineColumnOf,
  Frame,
  fromArrowStream,
  type LoadedModel,
  MilongaError,
  type ModelManifest,
  messageOf,
} from '@milonga/core';
import { type Scores, scoresOf } from './scorer.ts';
import type { SwapCheck } from './swap-report.ts';

/** The inputs that the trainer recorded, and what it got for them. */
export interface Baseline {
  readonly inputs: Frame;
  readonly expected: Scores;
}

/** @throws MilongaError `MILONGA_ARTIFACT_CORRUPT` when the file is not what the manifest says. */
export function readBaseline(manifest: ModelManifest, bytes: Uint8Array): Baseline {
  const label = `The baseline of version "${manifest.version}" of model "${manifest.model}"`;
  const inputs = readFrame(bytes, label);
  if (inputs.length === 0) throw new MilongaError('MILONGA_ARTIFACT_CORRUPT', `${label} has no rows.`);
  if (manifest.outputs.length === 0)
    throw new MilongaError('MILONGA_ARTIFACT_CORRUPT', `${label} proves nothing: the manifest has no outputs.`);
  const expected = manifest.outputs.map(({ name }) => {
    const column = baselineColumnOf(name);
    const values = inputs.has(column) ? inputs.column(column) : undefined;
    if (values?.type.kind !== 'float64')
      throw new MilongaError('MILONGA_ARTIFACT_CORRUPT', `${label} lacks the float64 column "${column}".`);
    return [name, values.toFloat64()] as const;
  });
  return { inputs, expected: Object.fromEntries(expected) };
}

function readFrame(bytes: Uint8Array, label: string): Frame {
  try {
    return Frame.concat(fromArrowStream(bytes));
  } catch (cause) {
    throw new MilongaError('MILONGA_ARTIFACT_CORRUPT', `${label} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** A server must give what the trainer got, within the manifest's tolerance, on every row and output. */
export async function checkBaseline(
  { baselineTolerance: tolerance }: ModelManifest,
  baseline: Baseline,
  loaded: LoadedModel,
  signal: AbortSignal,
): Promise<SwapCheck> {
  const found = await scoresOf(loaded, baseline.inputs, signal);
  const rows = baseline.inputs.length;
  let worst: Difference = { size: 0, where: '' };
  for (const [output, expected] of Object.entries(baseline.expected)) {
    const got = found[output];
    if (got?.length !== rows)
      return verdict(false, { rows }, `Output "${output}" has ${got?.length ?? 0} scores for ${rows} baseline rows.`);
    const difference = largestDifference(output, expected, got);
    if (difference.size > worst.size) worst = difference;
  }
  const passed = worst.size <= tolerance;
  const figures = { rows, worstDifference: Math.min(worst.size, Number.MAX_VALUE), tolerance };
  return verdict(
    passed,
    figures,
    passed ? `${rows} rows reproduced within ${tolerance}.` : `Not reproduced within ${tolerance}: ${worst.where}.`,
  );
}

const verdict = (passed: boolean, figures: SwapCheck['figures'], reason: string): SwapCheck => ({
  check: 'baseline',
  passed,
  figures,
  reason,
});

interface Difference {
  readonly size: number;
  readonly where: string;
}

function largestDifference(output: string, expected: Float64Array, found: Float64Array): Difference {
  let worst: Difference = { size: 0, where: '' };
  for (let row = 0; row < expected.length; row += 1) {
    const size = relativeDifference(expected[row]!, found[row]!);
    if (size > worst.size)
      worst = { size, where: `row ${row} of "${output}": expected ${expected[row]}, found ${found[row]}` };
  }
  return worst;
}

/** Relative to max(1, |expected|); NaN where a number was expected is infinitely wrong, and the other way round. */
function relativeDifference(expected: number, found: number): number {
  if (Object.is(expected, found) || expected === found) return 0;
  const difference = Math.abs(expected - found) / Math.max(1, Math.abs(expected));
  return Number.isNaN(difference) ? Infinity : difference;
}
