import { MilongaError } from '../../errors/milonga-error.ts';

/** Bytes that no Arrow writer would have written. */
export const corrupt = (finding: string, cause?: unknown): MilongaError =>
  new MilongaError('MILONGA_ARROW_CORRUPT', `The bytes are not a valid Arrow IPC stream: ${finding}.`, { cause });

/** Arrow that is right, but that a frame cannot hold. */
export const unsupported = (finding: string): MilongaError =>
  new MilongaError('MILONGA_ARROW_UNSUPPORTED', `The Arrow stream cannot become a frame: ${finding}.`);
