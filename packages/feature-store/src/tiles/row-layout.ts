import type { Cell, WideTable } from '@milonga/core';
import type { CompiledView } from '../view/compiled-view.ts';
import { generationOf } from '../view/generation.ts';

/*
 * A view has a table; an entity has a row (its key: `entityKey`). Cells:
 *
 *   family     qualifier                                       value
 *   absorbed   partition u16                                   what has been absorbed from it, see `absorbed-cell.ts`
 *   tiles      partition u16 | series u8 | tile index u48      the partial aggregates of the features of the series
 *   totals     partition u16                                   the partial aggregates of the features over all time
 *
 * Big-endian. A series is the features of one hop, ascending; a tile begins at its index times the hop. Partitions have cells
 * of their own, so two workers never change one cell. Everything that a batch changes in a row is one conditional mutation.
 */

/** Families of the table. */
export const FAMILY = { absorbed: 'absorbed', tiles: 'tiles', totals: 'totals' } as const;

/** The table of a view. Cell timestamps are event times: the start of a tile, the newest time that is known. */
export function tilesTable(view: CompiledView): WideTable {
  const ttlMs = view.longestWindowMs + view.longestHopMs + view.latenessMs;
  const reason = 'values over all time; one cell an entity and partition';
  return {
    name: generationOf(view).table,
    families: {
      [FAMILY.absorbed]: view.isForAllTime ? { reason } : { ttlMs },
      [FAMILY.tiles]: { ttlMs: Math.max(1, ttlMs) },
      [FAMILY.totals]: { reason },
    },
  };
}

/** Qualifier of the cells that a partition has once. */
export function partitionQualifier(partition: number): Uint8Array {
  const qualifier = new Uint8Array(2);
  qualifier[0] = partition >>> 8;
  qualifier[1] = partition;
  return qualifier;
}

/** Qualifier of a tile. */
export function tileQualifier(partition: number, series: number, index: number): Uint8Array {
  const high = Math.floor(index / 0x1000000);
  const low = index % 0x1000000;
  const qualifier = new Uint8Array(9); // assigned one by one: `Uint8Array.of` is several times as slow
  qualifier[0] = partition >>> 8;
  qualifier[1] = partition;
  qualifier[2] = series;
  qualifier[3] = high >>> 16;
  qualifier[4] = high >>> 8;
  qualifier[5] = high;
  qualifier[6] = low >>> 16;
  qualifier[7] = low >>> 8;
  qualifier[8] = low;
  return qualifier;
}

/** The partition of any cell. */
export const partitionOfCell = ({ qualifier }: Cell): number => (qualifier[0]! << 8) | qualifier[1]!;

/** The series of a tile. */
export const seriesOfCell = ({ qualifier }: Cell): number => qualifier[2]!;

/** The index of a tile. */
export const indexOfCell = ({ qualifier }: Cell): number =>
  ((qualifier[3]! << 16) | (qualifier[4]! << 8) | qualifier[5]!) * 0x1000000 +
  ((qualifier[6]! << 16) | (qualifier[7]! << 8) | qualifier[8]!);
