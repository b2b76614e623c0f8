import { type FeatureRequest, Frame, int32, string, Turns, timestamp, type ValueType } from '@milonga/core';

/** Entities and moments to look up: each pair once, in order of entity, then of time. */
export class Lookups {
  /** Entity of a lookup, as a number. */
  readonly entities: Int32Array;
  /** Moment of a lookup, Unix ms. */
  readonly moments: Float64Array;
  readonly latest: number;
  readonly earliest: number;
  /** For SQL: `k`, and the parts of the key as `p0`, `p1`, … */
  readonly keysFrame: Frame;
  /** For SQL: `k`, the moment `t`, and `i`, the place here. */
  readonly lookupsFrame: Frame;
  /** Place of each row of each request. */
  readonly places: readonly Int32Array[];

  private constructor(keys: readonly (readonly string[])[], pairs: Pairs) {
    const { entities, moments, places } = pairs;
    this.entities = entities;
    this.moments = moments;
    this.places = places;
    this.latest = moments.reduce((most, at) => Math.max(most, at), Number.NEGATIVE_INFINITY);
    this.earliest = moments.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
    const width = keys[0]?.length ?? 1;
    const parts = Array.from({ length: width }, (_, part) => [`p${part}`, keys.map((key) => key[part]!)] as const);
    const partTypes = Object.fromEntries(parts.map(([name]): [string, ValueType] => [name, string()]));
    this.keysFrame = Frame.fromColumns({ k: int32(), ...partTypes } as Record<string, ValueType>, {
      k: Int32Array.from(keys.keys()),
      ...Object.fromEntries(parts),
    });
    this.lookupsFrame = Frame.fromColumns(
      { k: int32(), t: timestamp(), i: int32() },
      { k: entities, t: [...moments], i: Int32Array.from(entities.keys()) },
    ) as unknown as Frame;
  }

  get length(): number {
    return this.entities.length;
  }

  /** Lookups of requests that are made at the same time. Gives way while it works: there may be hundreds of thousands. */
  static async of(
    requests: readonly { readonly keys: FeatureRequest['keys']; readonly at: number }[],
  ): Promise<Lookups> {
    const turns = new Turns('Collecting lookups');
    const codes = new Map<string, number>();
    const keys: (readonly string[])[] = [];
    const codeOf = (key: readonly string[]): number => {
      const name = key.length === 1 ? key[0]! : JSON.stringify(key);
      let code = codes.get(name);
      if (code === undefined) {
        code = keys.length;
        codes.set(name, code);
        keys.push(key);
      }
      return code;
    };
    const rowEntities: Int32Array[] = [];
    for (const { keys: columns } of requests) {
      rowEntities.push(
        Int32Array.from(columns[0] ?? [], (_part, row) => codeOf(columns.map((column) => column[row]!))),
      );
      await turns.giveWay();
    }
    const pairs = await pairsOf(
      rowEntities,
      requests.map(({ at }) => at),
      turns,
    );
    return new Lookups(keys, pairs);
  }
}

interface Pairs {
  readonly entities: Int32Array;
  readonly moments: Float64Array;
  readonly places: readonly Int32Array[];
}

/** Distinct pairs of entity and moment, sorted, and where each row's pair is. */
async function pairsOf(rowEntities: readonly Int32Array[], ats: readonly number[], turns: Turns): Promise<Pairs> {
  const moments = [...new Set(ats)].sort((left, right) => left - right);
  const ranks = new Map(moments.map((at, rank) => [at, rank]));
  const span = moments.length;
  // Entity and rank of the moment in one exact number: sorting numbers is much cheaper than sorting pairs.
  const rowPairs = rowEntities.map((entities, request) =>
    Float64Array.from(entities, (entity) => entity * span + ranks.get(ats[request]!)!),
  );
  const all = new Float64Array(rowPairs.reduce((rows, pairs) => rows + pairs.length, 0));
  let filled = 0;
  for (const pairs of rowPairs) {
    all.set(pairs, filled);
    filled += pairs.length;
  }
  await turns.giveWay();
  all.sort();
  const distinct = all.filter((pair, at) => at === 0 || pair !== all[at - 1]);
  await turns.giveWay();
  const places: Int32Array[] = [];
  for (const pairs of rowPairs) {
    places.push(Int32Array.from(pairs, (pair) => placeOf(pair, distinct)));
    await turns.giveWay();
  }
  return {
    entities: Int32Array.from(distinct, (pair) => Math.floor(pair / span)),
    moments: distinct.map((pair) => moments[pair % span]!),
    places,
  };
}

/** Where a number is among sorted ones that have it. */
function placeOf(wanted: number, sorted: Float64Array): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
