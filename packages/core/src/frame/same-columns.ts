import { MilongaError } from '../errors/milonga-error.ts';
import type { Frame } from './frame.ts';
import type { Layout } from './layout.ts';

/** The frames must all have the columns of the first. */
export function checkAlike(frames: readonly Frame[]): Layout {
  const [first] = frames;
  if (first === undefined) {
    throw new MilongaError(
      'MILONGA_FRAME_SHAPE',
      'No frames were given, so their columns are unknown; pass fields, or at least one frame.',
    );
  }
  const other = frames.find((frame) => !frame.layout.matches(first.layout));
  if (other !== undefined) {
    throw new MilongaError(
      'MILONGA_FRAME_SHAPE',
      `The frames have different columns: ${first.layout.names.join(', ')} and ${other.layout.names.join(', ')}. Pass the fields of the result, such as stackFields([...]).`,
    );
  }
  return first.layout;
}
