import {
  type Column,
  type FeatureBatch,
  type FeatureReader,
  type FeatureRequest,
  type FeatureViewShape,
  Frame,
  Layout,
  MilongaError,
  type OnlineRow,
  type OnlineStore,
  SPANS,
  tracer,
} from '@milonga/core';
import { ByteReader } from '../bytes/byte-reader.ts';
import { onlineKey } from '../keys/online-key.ts';
import { type CompiledView, compiledView } from '../view/compiled-view.ts';
import { generationOf } from '../view/generation.ts';
import { seekLayer } from './view-value.ts';

const reader = new ByteReader();

/**
 * Reads what the materialiser wrote: one row an entity, however many views, straight into columns.
 *
 * Values are right for every `at` from the moment on at which they were written; a moment before it is read as well as the
 * row allows, with events in it that were not known then. The past is what `HistoricalFeatureReader` is for.
 */
export class OnlineFeatureReader implements FeatureReader {
  readonly #store: OnlineStore;

  constructor(store: OnlineStore) {
    this.#store = store;
  }

  async read<const Views extends readonly FeatureViewShape[]>(
    request: FeatureRequest<Views>,
    { at, signal }: { readonly at: number; readonly signal?: AbortSignal },
  ): Promise<{ readonly [At in keyof Views]: Views[At] extends FeatureViewShape<infer F> ? FeatureBatch<F> : never }> {
    const views = request.views.map(compiledView);
    const columns = views.map((view) => generationOf(view).column);
    const keys = onlineKeys(request);
    const span = tracer().startSpan(SPANS.featuresRead, { attributes: { keys: keys.length, views: views.length } });
    try {
      const rows = keys.length === 0 ? [] : await this.#store.readRows(keys, columns, { ...(signal && { signal }) });
      return views.map((view, place) => readView(view, request.views[place]!, rows, place, at)) as never;
    } finally {
      span.end();
    }
  }
}

/** The online keys of a request. @throws MilongaError `MILONGA_DEFINITION_INVALID` when keys and views do not fit. */
function onlineKeys({ views, keys }: FeatureRequest): readonly string[] {
  checkRequest(views, keys);
  const [entity] = views;
  if (entity === undefined) return [];
  const { name } = entity.entity;
  const [first = []] = keys;
  if (keys.length === 1) return first.map((part) => onlineKey(name, [part]));
  return first.map((_part, row) =>
    onlineKey(
      name,
      keys.map((column) => column[row]!),
    ),
  );
}

/** @throws MilongaError `MILONGA_DEFINITION_INVALID`. */
export function checkRequest(views: readonly FeatureViewShape[], keys: readonly (readonly string[])[]): void {
  const [first] = views;
  if (first === undefined) return;
  for (const { name, entity } of views) {
    if (entity.name !== first.entity.name) {
      throw new MilongaError(
        'MILONGA_DEFINITION_INVALID',
        `One read is of one entity; view "${name}" is of "${entity.name}", view "${first.name}" of "${first.entity.name}". Read them one by one.`,
      );
    }
  }
  const { name, keys: parts } = first.entity;
  if (keys.length !== parts.length || keys.some((column) => column.length !== keys[0]!.length)) {
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `A key of "${name}" has the parts ${parts.join(', ')}: give one column each, of one length; found columns of ${keys.map((column) => column.length).join(', ') || 'nothing'}.`,
    );
  }
}

function readView(
  view: CompiledView,
  shape: FeatureViewShape,
  rows: readonly (OnlineRow | undefined)[],
  place: number,
  at: number,
): FeatureBatch {
  const columns = view.features.map(({ aggregate, window }) =>
    aggregate.online.column({ rows: rows.length, at, window }),
  );
  const found = new Uint8Array(rows.length);
  const newestAt = new Float64Array(rows.length).fill(Number.NaN);
  const startAt = view.startAt(at);
  for (let row = 0; row < rows.length; row += 1) {
    const value = rows[row]?.[place];
    let newest = 0;
    if (value !== undefined) {
      seekLayer(reader.reset(value), at);
      newest = reader.uint48();
    }
    if (newest === 0 || newest < startAt) {
      for (const column of columns) column.empty();
      continue;
    }
    found[row] = 1;
    newestAt[row] = newest;
    for (const column of columns) column.read(reader);
  }
  return {
    frame: new Frame(
      Layout.of(shape.fields),
      columns.map((column): Column => column.finish()),
      rows.length,
    ),
    found,
    newestAt,
  };
}
