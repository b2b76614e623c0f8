import type { Frame, Layout } from '@milonga/core';
import { stageShape } from '../run/stage-failure.ts';

/** A frame that a stage returned, under the columns that it declared. @throws MilongaError `MILONGA_FRAME_SHAPE`. */
export function conform(stage: string, layout: Layout, frame: Frame): Frame {
  const conformed = (frame.layout as Layout) === layout ? frame : frame.as(layout.schema);
  for (let slot = 0; slot < layout.types.length; slot += 1) {
    const column = conformed.columns[slot];
    const type = layout.types[slot]!;
    if (column?.length === conformed.length && column.type.kind === type.kind && column.type.width === type.width)
      continue;
    const found =
      column === undefined ? 'nothing' : `${column.type.kind} of width ${column.type.width} with ${column.length} rows`;
    throw stageShape(
      stage,
      `declares column "${layout.names[slot]}" as ${type.kind} of width ${type.width}; in its frame of ${conformed.length} rows it is ${found}`,
    );
  }
  return conformed;
}
