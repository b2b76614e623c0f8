import { keepIf, linear, noPorts, pipeline, topK } from '@milonga/coordinator';
import {
  boolean,
  Column,
  Dictionary,
  type Fields,
  Frame,
  float32,
  float64,
  int32,
  Layout,
  string,
  type ValueType,
} from '@milonga/core';

/** What differs from line to line of the table. */
export interface WorldOptions {
  /** Three fields of an item become an object, instead of all. */
  readonly lean: boolean;
  /** The sources give the same frames each time, as a shard or a list in memory does; else their ids are new each time. */
  readonly kept: boolean;
}

/** The request of the benchmark. */
export interface World {
  readonly run: () => Promise<{ readonly items: readonly object[] }>;
  readonly byHand: () => Promise<readonly object[]>;
}

const BASE = { id: string(), isLive: boolean(), category: string(), fresh: float64() };
type BaseFields = typeof BASE;

interface Shop extends WorldOptions {
  readonly frames: readonly Frame[];
  readonly features: readonly string[];
  readonly weights: readonly number[];
  readonly seen: ReadonlySet<string>;
  readonly limit: number;
}

const CATEGORIES = ['music', 'games', 'talk', 'sport', 'cooking', 'art', 'news', 'other'];
const KINDS: readonly (() => ValueType)[] = [float64, float32, int32];

/**
 * Candidates of three sources of 0.4 n each, overlapping so that n distinct ones remain; 32 features, four filters, a linear
 * score, the best twenty. `seed` changes kinds and names of the columns, so that every world has a schema of its own.
 */
export function makeWorld(count: number, seed: number, options: WorldOptions): World {
  const random = randomBy(seed + 7);
  const features = Array.from({ length: 32 }, (_, at) => `f${at}_${seed}`);
  const fields: BaseFields = {
    ...BASE,
    ...Object.fromEntries(features.map((name, at) => [name, KINDS[(at + seed) % 3]!()])),
  };
  const ids = Array.from({ length: count }, (_, at) => `streamer-${(at * 7919) % 1_000_003}`);
  const part = Math.round(count * 0.4);
  const frames = [ids.slice(0, part), ids.slice(count * 0.3, count * 0.3 + part), ids.slice(count - part)].map((some) =>
    makeFrame(fields, some, random),
  );
  const seen = new Set(ids.slice(count * 0.3, count * 0.3 + part).filter((_, at) => at % 9 === 0));
  const shop: Shop = {
    frames,
    features,
    weights: features.map((_, at) => Math.sin(at + 1)),
    seen,
    limit: 20,
    ...options,
  };
  return { run: pipelineOf(fields, shop), byHand: () => byHand(shop) };
}

function pipelineOf(fields: BaseFields, { frames, features, weights, seen, limit, lean, kept }: Shop): World['run'] {
  const source = (name: string, frame: Frame) => ({
    name,
    columns: fields,
    fetch: async () => (kept ? frame : withNewIds(frame)) as Frame<BaseFields>,
  });
  const scored = pipeline('bench', { input: { userId: string(), limit: int32() } })
    .query({ name: 'history', hydrate: () => ({ seen }) })
    .sources(source('a', frames[0]!), source('b', frames[1]!), source('c', frames[2]!))
    .filter(
      keepIf('live', (item) => item.isLive),
      keepIf('category', (item) => item.category !== 'news'),
      keepIf('fresh', (item) => item.fresh < 0.95),
      keepIf('unseen', (item, query) => !query.seen.has(item.id)),
    )
    .score(linear<'score', never>('score', Object.fromEntries(features.map((name, at) => [name, weights[at]!]))))
    .select(topK((query) => query.limit, 'score'));
  const bound = lean ? scored.returning('id', 'category', 'score').bind(noPorts) : scored.bind(noPorts);
  return () => bound.run({ userId: 'u', limit });
}

/** As if the frame had just arrived: nothing that is remembered of its strings holds. */
function withNewIds(frame: Frame): Frame {
  const slot = frame.layout.slotOf('id');
  const { type, length, values, dictionary } = frame.columns[slot]!;
  const ids = new Column(type, length, values, {
    dictionary: new Dictionary(dictionary!.strings, { isDistinct: true }),
  });
  return new Frame(frame.layout, frame.columns.with(slot, ids), length);
}

/** What a patient person would write by hand for this work. */
async function byHand({ frames: given, features, weights, seen, limit, lean }: Shop): Promise<readonly object[]> {
  const frames = await Promise.all(given.map(async (frame) => frame));
  const total = frames.reduce((sum, frame) => sum + frame.length, 0);
  const columns = stackNumbers(frames, features, total);
  const fresh = stackNumbers(frames, ['fresh'], total)[0] as Float64Array;
  const ids = new Array<string>(total);
  const live = new Uint8Array(total);
  const category = new Int32Array(total);
  const provenance = new Uint32Array(total);
  let selection = new Int32Array(total);
  let kept = 0;
  let row = 0;
  const firstRow = new Map<string, number>();
  for (let source = 0; source < frames.length; source += 1) {
    const frame = frames[source]!;
    const text = frame.column('id').dictionary!;
    const idCodes = frame.column('id').values as Int32Array;
    const bits = frame.column('isLive').values as Uint8Array;
    const codes = frame.column('category').values as Int32Array;
    for (let index = 0; index < frame.length; index += 1, row += 1) {
      const id = text.at(idCodes[index]!);
      const first = firstRow.get(id);
      if (first !== undefined) {
        provenance[first]! |= 1 << source;
        continue;
      }
      firstRow.set(id, row);
      ids[row] = id;
      live[row] = (bits[index >> 3]! >> (index & 7)) & 1;
      category[row] = codes[index]!;
      provenance[row] = 1 << source;
      selection[kept++] = row;
    }
  }
  const news = CATEGORIES.indexOf('news');
  let left = 0;
  for (let at = 0; at < kept; at += 1) if (live[selection[at]!] === 1) selection[left++] = selection[at]!;
  kept = left;
  left = 0;
  for (let at = 0; at < kept; at += 1) if (category[selection[at]!] !== news) selection[left++] = selection[at]!;
  kept = left;
  left = 0;
  for (let at = 0; at < kept; at += 1) if (fresh[selection[at]!]! < 0.95) selection[left++] = selection[at]!;
  kept = left;
  left = 0;
  for (let at = 0; at < kept; at += 1) if (!seen.has(ids[selection[at]!]!)) selection[left++] = selection[at]!;
  selection = selection.subarray(0, left);
  const score = weigh(columns, weights, selection);
  return best(score, limit, selection, ids).map((position) => {
    const index = selection[position]!;
    const item: Record<string, unknown> = {
      id: ids[index],
      isLive: true,
      category: CATEGORIES[category[index]!],
      fresh: fresh[index],
      score: score[position],
    };
    if (!lean) for (let at = 0; at < features.length; at += 1) item[features[at]!] = columns[at]![index];
    return item;
  });
}

type Numbers = Float64Array | Float32Array | Int32Array;

function stackNumbers(frames: readonly Frame[], names: readonly string[], total: number): Numbers[] {
  const kinds = names.map((name) => frames[0]!.column(name).type.kind);
  const bytes = kinds.reduce((sum, kind) => sum + (kind === 'float64' ? 8 : 4) * ((total + 1) & ~1), 0);
  const buffer = new ArrayBuffer(bytes);
  let at = 0;
  return names.map((name, place) => {
    const kind = kinds[place]!;
    const into =
      kind === 'float64'
        ? new Float64Array(buffer, at, total)
        : kind === 'float32'
          ? new Float32Array(buffer, at, total)
          : new Int32Array(buffer, at, total);
    at += (kind === 'float64' ? 8 : 4) * ((total + 1) & ~1);
    let start = 0;
    for (const frame of frames) {
      into.set(frame.column(name).values as Numbers, start);
      start += frame.length;
    }
    return into;
  });
}

function weigh(columns: readonly Numbers[], weights: readonly number[], selection: Int32Array): Float64Array {
  const score = new Float64Array(selection.length);
  for (let feature = 0; feature < columns.length; feature += 1) {
    const weight = weights[feature]!;
    const values = columns[feature]!;
    if (values instanceof Float64Array)
      for (let at = 0; at < score.length; at += 1) score[at]! += weight * values[selection[at]!]!;
    else if (values instanceof Float32Array)
      for (let at = 0; at < score.length; at += 1) score[at]! += weight * values[selection[at]!]!;
    else for (let at = 0; at < score.length; at += 1) score[at]! += weight * values[selection[at]!]!;
  }
  return score;
}

/** A heap of the best, worst on top; written out, as a patient person would. */
function best(score: Float64Array, limit: number, selection: Int32Array, ids: readonly string[]): number[] {
  const heap: number[] = [];
  const isWorse = (left: number, right: number): boolean =>
    score[left]! !== score[right]! ? score[left]! < score[right]! : ids[selection[left]!]! > ids[selection[right]!]!;
  const sink = (from: number): void => {
    const moving = heap[from]!;
    let at = from;
    for (let child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && isWorse(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isWorse(heap[child]!, moving)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = moving;
  };
  for (let position = 0; position < score.length; position += 1) {
    if (heap.length < limit) {
      heap.push(position);
      if (heap.length === limit) for (let at = (limit >> 1) - 1; at >= 0; at -= 1) sink(at);
    } else if (isWorse(heap[0]!, position)) {
      heap[0] = position;
      sink(0);
    }
  }
  return heap.sort((left, right) => (isWorse(left, right) ? 1 : -1));
}

function makeFrame(fields: Fields, ids: readonly string[], random: () => number): Frame {
  const layout = Layout.of(fields);
  const { length } = ids;
  const columns = layout.types.map((type, slot) => {
    const name = layout.names[slot]!;
    if (name === 'id') return new Column(type, length, Int32Array.from(ids.keys()), { dictionary: Dictionary.of(ids) });
    if (name === 'category')
      return new Column(
        type,
        length,
        Int32Array.from({ length }, () => random() * 8),
        { dictionary: Dictionary.of(CATEGORIES) },
      );
    if (type.kind === 'boolean')
      return new Column(
        type,
        length,
        Uint8Array.from({ length: (length + 7) >> 3 }, () => (random() * 256) | 15 | (random() * 256)),
      );
    if (type.kind === 'float64') return new Column(type, length, Float64Array.from({ length }, random));
    if (type.kind === 'float32') return new Column(type, length, Float32Array.from({ length }, random));
    return new Column(
      type,
      length,
      Int32Array.from({ length }, () => random() * 8),
    );
  });
  return new Frame(layout, columns, length);
}

const randomBy = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};
