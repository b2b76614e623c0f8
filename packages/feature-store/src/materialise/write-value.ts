import type { WideRow } from '@milonga/core';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { MOST_LAYERS, VALUE_VERSION } from '../online/view-value.ts';
import type { CompiledView } from '../view/compiled-view.ts';
import { firstTileAt } from '../view/window.ts';
import { EntityTiles } from './entity-tiles.ts';

const writer = new ByteWriter(4_096);

/** The value of a view for an entity, right for every reader from `now` on, as `view-value.ts` describes it. */
export function viewValue(view: CompiledView, row: WideRow | undefined, now: number): Uint8Array {
  const tiles = EntityTiles.of(view, row);
  const { heads } = tiles;
  let folded = 0;
  while (folded < heads.length && heads[folded]!.at < now) tiles.fold(heads[folded++]!);
  const moments = [...new Set(heads.slice(folded).map(({ at }) => at))].slice(0, MOST_LAYERS - 1);
  writer.reset();
  writer.byte(VALUE_VERSION);
  writer.byte(moments.length + 1);
  if (moments.length === 0) {
    writeBody(view, tiles, now);
    return writer.finish();
  }
  writeLayer(view, tiles, now, 0);
  for (const moment of moments) {
    while (folded < heads.length && heads[folded]!.at <= moment) tiles.fold(heads[folded++]!);
    writeLayer(view, tiles, now, moment + 1);
  }
  return writer.finish();
}

function writeLayer(view: CompiledView, tiles: EntityTiles, now: number, validFrom: number): void {
  writer.uint48(validFrom);
  const start = writer.length;
  writeBody(view, tiles, now);
  writer.prefixLength(start);
}

function writeBody(view: CompiledView, tiles: EntityTiles, now: number): void {
  writer.uint48(tiles.newestAt);
  if (tiles.newestAt === 0) return;
  for (const feature of view.features) {
    const { online, identity } = feature.aggregate;
    if (feature.window === undefined) online.writeTotal(tiles.totalOf(feature) ?? identity(), writer);
    else online.writeWindow(tiles.windowOf(feature, firstTileAt(feature.window, now)), writer);
  }
}
