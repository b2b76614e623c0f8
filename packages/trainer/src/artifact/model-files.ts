import { type Fields, Frame, fromArrowStream, MilongaError, toArrowStream } from '@milonga/core';

/** The settings that a loaded version needs, beside its numbers. */
export const SETTINGS_FILE = 'model.json';
/** Inputs and outputs that a server must reproduce. */
export const BASELINE_FILE = 'baseline.arrow';

const corrupt = (name: string, finding: string, cause?: unknown): MilongaError =>
  new MilongaError('MILONGA_ARTIFACT_CORRUPT', `File "${name}" of the model ${finding}.`, { cause });

function fileOf(files: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const bytes = files.get(name);
  if (bytes === undefined) throw corrupt(name, 'is missing');
  return bytes;
}

/** A value as readable JSON. */
export const jsonFile = (value: unknown): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(value, undefined, 2)}\n`);

/** @throws MilongaError `MILONGA_ARTIFACT_CORRUPT` when the file is missing, no JSON, or not an object. */
export function readJson<T extends object>(files: ReadonlyMap<string, Uint8Array>, name: string): T {
  const bytes = fileOf(files, name);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw corrupt(name, 'is not JSON', cause);
  }
  if (typeof value !== 'object' || value === null) throw corrupt(name, 'is not a JSON object');
  return value as T;
}

/** A frame as an Arrow stream, which any Arrow library reads. */
export const arrowFile = (frame: Frame): Uint8Array => toArrowStream(frame);

/** @throws MilongaError `MILONGA_ARTIFACT_CORRUPT` when the file is missing, no Arrow stream, or has other columns. */
export function readArrow<const F extends Fields>(
  files: ReadonlyMap<string, Uint8Array>,
  name: string,
  fields: F,
): Frame<F> {
  const bytes = fileOf(files, name);
  try {
    const frames = fromArrowStream(bytes);
    return (frames.length === 1 ? (frames[0] as Frame) : Frame.concat(frames)).as(fields);
  } catch (cause) {
    throw corrupt(name, 'is not the Arrow stream that it should be', cause);
  }
}
