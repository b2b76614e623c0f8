import { type FeatureRequest, Frame, int32, string, timestamp, type ValueType } from '@milonga/core';

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

  /** Lookups of requests that are made at the same time. */
  static of(requests: readonly { readonly keys: FeatureRequest['keys']; readonly at: number }[]): Lookups {
    const codes = new Map<string, number>();
    const keys: (readonly string[])[] = [];
    const rowEntities = requests.map(({ keys: columns }) =>
      Int32Array.from(columns[0] ?? [], (_part, row) => {
        const key = columns.map((column) => column[row]!);
        const name = key.length === 1 ? key[0]! : JSON.stringify(key);
        let code = codes.get(name);
        if (code === undefined) {
          code = keys.length;
          codes.set(name, code);
          keys.push(key);
        }
        return code;
      }),
    );
    return new Lookups(
      keys,
      pairsOf(
        rowEntities,
        requests.map(({ at }) => at),
      ),
    );
  }
}

interface Pairs {
  readonly entities: Int32Array;
  readonly moments: Float64Array;
  readonly places: readonly Int32Array[];
}

/** Distinct pairs of entity and moment, sorted, and where each row's pair is. */
function pairsOf(rowEntities: readonly Int32Array[], ats: readonly number[]): Pairs {
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
  all.sort();
  const distinct = all.filter((pair, at) => at === 0 || pair !== all[at - 1]);
  const places = new Map<number, number>();
  for (let at = 0; at < distinct.length; at += 1) places.set(distinct[at]!, at);
  return {
    entities: Int32Array.from(distinct, (pair) => Math.floor(pair / span)),
    moments: distinct.map((pair) => moments[pair % span]!),
    places: rowPairs.map((pairs) => Int32Array.from(pairs, (pair) => places.get(pair)!)),
  };
}
