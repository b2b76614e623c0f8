import {
  type CollectOutcome,
  Collector,
  ExperimentAssigner,
  type IncomingEvent,
  int32,
  minutes,
  type Port,
  type Ports,
  string,
} from '@milonga/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pipeline } from '../pipeline/define-pipeline.ts';
import { fromList } from '../stages/from-list.ts';
import { keepIf } from '../stages/keep-if.ts';
import { linear } from '../stages/linear.ts';
import { topK } from '../stages/top-k.ts';
import { BUCKETS, bucketOf, murmur3 } from './bucket-hash.ts';
import { experiment } from './experiment.ts';
import { hashAssigner } from './hash-assigner.ts';
import { vary } from './vary.ts';

const units = Array.from({ length: 20_000 }, (_, at) => `customer-${at}`);

describe('murmur3', () => {
  it.each([
    // As the C++ reference implementation gives them (by way of scikit-learn's murmurhash3_32), seed 0.
    ['', 0x00000000],
    ['a', 0x3c2569b2],
    ['aa', 0x371091a9],
    ['aaa', 0xb4d05fb7],
    ['aaaa', 0x7eeed987],
    ['Hello, world!', 0xc0363e43],
    ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
    ['ππππππππ', 0xec72b6e8],
  ])('of %j', (text, expected) => {
    expect(murmur3(text)).toBe(expected);
  });
});

describe('hashAssigner', () => {
  const test = experiment({ name: 'test', variants: { control: {}, treatment: {} } });

  it('never changes: these units are in these arms for good', () => {
    const assigner = hashAssigner([test]);
    expect(
      units
        .slice(0, 12)
        .map((unit) => assigner.assign(test, unit).variant?.[0])
        .join(''),
    ).toMatchInlineSnapshot(`"ctctccctccct"`);
    expect(bucketOf('layer/test', 'customer-0')).toMatchInlineSnapshot(`6695`);
  });

  it('splits by weight and traffic, within what chance allows', () => {
    const weighted = experiment({
      name: 'weighted',
      traffic: 0.4,
      variants: { a: {}, b: {}, c: {} },
      weights: { a: 1, b: 2, c: 1 },
    });
    const assigner = hashAssigner([weighted]);
    const counts = new Map<string | undefined, number>();
    for (const unit of units) {
      const { variant } = assigner.assign(weighted, unit);
      counts.set(variant, (counts.get(variant) ?? 0) + 1);
    }
    const isNear = (variant: string | undefined, share: number): void => {
      const deviation = Math.sqrt(units.length * share * (1 - share));
      expect(Math.abs((counts.get(variant) ?? 0) - units.length * share)).toBeLessThan(4 * deviation);
    };
    isNear(undefined, 0.6);
    isNear('a', 0.1);
    isNear('b', 0.2);
    isNear('c', 0.1);
  });

  it('keeps experiments of one layer apart, and layers and successors independent', () => {
    const one = experiment({ name: 'one', layer: 'ranking', traffic: 0.5, variants: { control: {}, treatment: {} } });
    const two = experiment({ name: 'two', layer: 'ranking', traffic: 0.5, variants: { control: {}, treatment: {} } });
    const next = experiment({
      name: 'next',
      layer: 'ranking',
      traffic: 0.5,
      startsAt: 0,
      variants: { control: {}, treatment: {} },
    });
    const other = experiment({ name: 'other', layer: 'sources', variants: { control: {}, treatment: {} } });
    const assigner = hashAssigner([one, two, other]);
    const later = hashAssigner([next, two]);
    const both = { same: 0, all: 0 };
    for (const unit of units) {
      const first = assigner.assign(one, unit).variant;
      expect((first === undefined) !== (assigner.assign(two, unit).variant === undefined)).toBe(true);
      if (first === undefined) continue;
      const successor = later.assign(next, unit).variant;
      expect(successor).toBeDefined(); // the same range of the layer
      both.all += 1;
      if (successor === first) both.same += 1;
    }
    expect(Math.abs(both.same / both.all - 0.5)).toBeLessThan(0.03);
  });

  it('refuses layers that are overbooked or overlap, and experiments it was not told of', () => {
    const half = (name: string, traffic: number, startsAt?: number) =>
      experiment({
        name,
        layer: 'l',
        traffic,
        variants: { a: {}, b: {} },
        ...(startsAt === undefined ? {} : { startsAt }),
      });
    expect(() => hashAssigner([half('one', 0.6), half('two', 0.6)])).toThrow('adds up to more than 1');
    expect(() => hashAssigner([half('one', 0.6), half('two', 0.2, 0.5)])).toThrow(
      '"two" and "one" overlap in layer "l"',
    );
    expect(() => hashAssigner([]).assign(test, 'u')).toThrow('not listed in the recommender');
    fc.assert(fc.property(fc.string(), (unit) => bucketOf('x', unit) >= 0 && bucketOf('x', unit) < BUCKETS));
  });

  it('refuses definitions that make no sense', () => {
    expect(() => experiment({ name: 'Bad', variants: { a: {}, b: {} } })).toThrow('its name must match');
    expect(() => experiment({ name: 'x', variants: { a: {} } })).toThrow('two variants or more; found 1');
    expect(() => experiment({ name: 'x', traffic: 2, variants: { a: {}, b: {} } })).toThrow('from 0 to 1; found 2');
    expect(() => experiment({ name: 'x', variants: { a: {}, b: {} }, weights: { a: 0, b: 0 } })).toThrow(
      'no variant has a weight',
    );
    expect(() => experiment({ name: 'x', variants: { a: {}, b: {} }, weights: { a: -1 } })).toThrow(
      'must be a number >= 0',
    );
    expect(() => experiment({ name: 'x', traffic: 0.5, startsAt: 0.7, variants: { a: {}, b: {} } })).toThrow(
      'together must be from 0 to 1',
    );
  });
});

class RecordingCollector implements Collector {
  readonly events: IncomingEvent[] = [];
  async collect(events: readonly IncomingEvent[]): Promise<readonly CollectOutcome[]> {
    this.events.push(...events);
    return events.map((event) => ({ status: 'accepted', id: event.id ?? '' }));
  }
}

describe('a pipeline under an experiment', () => {
  const ranking = experiment({ name: 'ranking', variants: { control: { sign: 1 }, treatment: { sign: -1 } } });
  const input = { userId: string(), limit: int32() };
  const rows = [
    { id: 'a', x: 1 },
    { id: 'b', x: 2 },
  ];
  const build = (options: { readonly cached?: boolean } = {}) =>
    pipeline('test', {
      input,
      defaults: { limit: 1 },
      ...(options.cached ? { cache: { ttl: minutes(5), key: () => 'all' } } : {}),
    })
      .sources({ name: 'rows', columns: { id: string(), x: int32() }, fetch: () => rows })
      .score(vary(ranking, ({ sign }) => ({ ...linear('score', { x: sign }), name: `sign${sign}` })))
      .select(topK((query) => query.limit, 'score'));
  const setUp = (complete: ReturnType<typeof build>) => {
    const collector = new RecordingCollector();
    const assigner = hashAssigner([ranking]);
    const held = new Map<symbol, unknown>([
      [Collector.key, collector],
      [ExperimentAssigner.key, assigner],
    ]);
    const ports: Ports = { has: (port) => held.has(port.key), get: <T>(port: Port<T>) => held.get(port.key) as T };
    return { collector, bound: complete.bind(ports), armOf: (unit: string) => assigner.assign(ranking, unit).variant! };
  };

  it('gives each unit its variant, says so in the answer, and logs one exposure a request', async () => {
    const { collector, bound, armOf } = setUp(build());
    const arms = new Set<string>();
    for (const userId of units.slice(0, 20)) {
      const slate = await bound.run({ userId });
      arms.add(armOf(userId));
      expect(slate.experiments).toEqual({ ranking: armOf(userId) });
      expect(slate.items[0]?.id).toBe(armOf(userId) === 'control' ? 'b' : 'a');
    }
    await bound.drain();
    expect(arms.size).toBe(2);
    expect(
      collector.events.map(({ type, payload }) => [
        type,
        (payload as { unit: string }).unit,
        (payload as { variant: string }).variant,
      ]),
    ).toEqual(units.slice(0, 20).map((unit) => ['exposure', unit, armOf(unit)]));
    expect(new Set(collector.events.map((event) => event.id)).size).toBe(20);
  });

  it('keeps variants apart in the cache, and logs exposures of cached slates', async () => {
    const { collector, bound, armOf } = setUp(build({ cached: true }));
    const origins: string[] = [];
    for (const userId of units.slice(0, 10)) {
      const slate = await bound.run({ userId });
      origins.push(slate.origin);
      expect([slate.items[0]?.id, slate.experiments]).toEqual([
        armOf(userId) === 'control' ? 'b' : 'a',
        { ranking: armOf(userId) },
      ]);
    }
    await bound.drain();
    expect(origins.filter((origin) => origin === 'ranked').length).toBe(2);
    expect(collector.events.length).toBe(10);
  });

  it('does not expose who never meets the stage', async () => {
    const never = pipeline('test', { input, defaults: { limit: 1 } })
      .sources(fromList('list', ['a']))
      .filter(vary(ranking, () => ({ ...keepIf('x', () => true), enabled: () => true })))
      .score({
        name: 'fail',
        scores: ['score'],
        score: () => {
          throw new Error('before');
        },
      })
      .score(vary(ranking, ({ sign }) => ({ ...linear('late', {}), name: `late${sign}` })))
      .select(topK((query) => query.limit, 'score'));
    const { collector, bound } = setUp(never as never);
    await expect(bound.run({ userId: 'u' })).rejects.toThrow('before');
    await bound.drain();
    expect(collector.events).toEqual([]);
  });

  it('takes the first variant in training sets, and names of any variant to stop before', async () => {
    const complete = build();
    const ports: Ports = { has: () => true, get: <T>() => ({}) as T };
    for (const before of ['sign1', 'sign-1']) {
      const frame = await complete.candidatesAt(
        { userId: 'u' },
        { at: 5, before, ports, features: { read: () => Promise.reject(new Error('unused')) } },
      );
      expect(frame.toRows()).toEqual(rows);
    }
  });

  it('is refused when its variants differ in columns, or its unit is not an input', () => {
    expect(() => vary(ranking, ({ sign }) => linear(sign > 0 ? 'up' : 'down', { x: 1 }))).toThrow(
      'makes a stage with other columns',
    );
    const elsewhere = experiment({ name: 'elsewhere', unit: 'country', variants: { a: {}, b: {} } });
    expect(() =>
      pipeline('test', { input })
        .sources(fromList('list', []))
        .filter(vary(elsewhere, () => keepIf('x', () => true))),
    ).toThrow('assigns by "country"');
    expect(() =>
      build().bind({
        has: () => false,
        get: () => {
          throw new Error('no port');
        },
      }),
    ).toThrow('no port');
  });
});
