import {
  type CollectOutcome,
  Collector,
  float64,
  type IncomingEvent,
  int32,
  type LogFields,
  type Logger,
  type Port,
  type Ports,
  prediction,
  resetInstruments,
  string,
  validate,
} from '@milonga/core';
import { testClock } from '@milonga/testing';
import { type Attributes, metrics } from '@opentelemetry/api';
import { afterEach, describe, expect, it } from 'vitest';
import { pipeline } from '../pipeline/define-pipeline.ts';
import { noPorts } from '../run/binding.ts';
import type { Outcome } from '../stage/side-effect.ts';
import { linear } from '../stages/linear.ts';
import { logPrediction } from '../stages/log-prediction.ts';
import { topK } from '../stages/top-k.ts';

const columns = { id: string(), x: float64() };
const begin = (options: { readonly maxSideEffects?: number } = {}) =>
  pipeline('test', { input: { userId: string(), limit: int32() }, defaults: { limit: 9 }, ...options })
    .sources({
      name: 'rows',
      columns,
      fetch: () => [
        { id: 'a', x: 1 },
        { id: 'b', x: 2 },
      ],
    })
    .fallback({ name: 'popular', columns, fetch: () => [{ id: 'p', x: 0 }] })
    .score(linear('score', { x: 2 }))
    .select(topK((query) => query.limit, 'score'))
    .returning('x');
const linesOf = (): { readonly lines: [string, LogFields | undefined][]; readonly log: Logger } => {
  const lines: [string, LogFields | undefined][] = [];
  const note = (message: string, fields?: LogFields): void => void lines.push([message, fields]);
  const log: Logger = { debug: note, info: note, warn: note, error: note, with: () => log };
  return { lines, log };
};

describe('side effects', () => {
  it('run after the answer, with everything that is to be known of it', async () => {
    const seen: Outcome<object, object>[] = [];
    const bound = begin()
      .sideEffects({ name: 'record', run: (outcome) => void seen.push(outcome) })
      .bind(noPorts);
    const slate = await bound.run({ userId: 'ada' }, { requestId: 'r1' });
    expect(seen).toEqual([]);
    await bound.drain();
    expect(seen[0]).toMatchObject({
      requestId: 'r1',
      pipeline: 'test',
      unit: 'ada',
      items: slate.items,
      ids: ['b', 'a', 'p'],
      degraded: [],
      versions: [],
      experiments: {},
      candidates: 3,
      query: { userId: 'ada', limit: 9 },
    });
    expect(Array.from(seen[0]!.scores.score!)).toEqual([4, 2, Number.NaN]);
  });

  it('never fail the answer: what they throw is counted and logged', async () => {
    const { lines, log } = linesOf();
    const bound = begin()
      .sideEffects(
        {
          name: 'throws',
          run: () => {
            throw new Error('now');
          },
        },
        { name: 'rejects', run: () => Promise.reject(new Error('later')) },
      )
      .bind(noPorts, { log });
    for (let round = 0; round < 3; round += 1) expect((await bound.run({ userId: 'u' })).items.length).toBe(3);
    await bound.drain();
    expect(lines).toEqual([
      ['A side effect failed after its answer', { pipeline: 'test', stage: 'throws', error: 'now', withheld: 0 }],
      ['A side effect failed after its answer', { pipeline: 'test', stage: 'rejects', error: 'later', withheld: 0 }],
    ]);
  });

  it('are bounded: more than may wait are dropped, and that is said', async () => {
    const { lines, log } = linesOf();
    let runs = 0;
    const bound = begin({ maxSideEffects: 2 })
      .sideEffects({
        name: 'slow',
        run: () => {
          runs += 1;
        },
      })
      .bind(noPorts, { log });
    await Promise.all(Array.from({ length: 5 }, () => bound.run({ userId: 'u' })));
    await bound.drain();
    expect(runs).toBe(2);
    expect(lines[0]?.[1]).toMatchObject({ stage: 'slow', error: '2 side effects wait already; this one was dropped.' });
  });

  it('that hang are left behind, so that the others get their turn and drain ends', async () => {
    const { lines, log } = linesOf();
    const clock = testClock({ monotonic: 'held' });
    let signal: AbortSignal | undefined;
    const hang = {
      name: 'hang',
      timeoutMs: 50,
      run: (_outcome: unknown, context: { readonly signal: AbortSignal }) => {
        signal = context.signal;
        return new Promise<void>(() => {});
      },
    };
    const bound = begin().sideEffects(hang).bind(noPorts, { clock, log });
    await bound.run({ userId: 'u' });
    const drained = bound.drain();
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advanceMonotonicBy(50);
    await drained;
    expect([signal?.aborted, lines[0]?.[1]?.error]).toEqual([true, 'Side effect "hang" took longer than its 50 ms.']);
  });

  it('drain waits for all of them, however many', async () => {
    let runs = 0;
    const bound = begin()
      .sideEffects({
        name: 'async',
        enabled: (query) => query.userId !== 'silent',
        run: async () => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          runs += 1;
        },
      })
      .bind(noPorts);
    await Promise.all(Array.from({ length: 50 }, (_, at) => bound.run({ userId: at % 10 === 0 ? 'silent' : 'u' })));
    await bound.drain();
    await bound.drain();
    expect(runs).toBe(45);
  });
});

describe('logPrediction', () => {
  const setUp = (outcome: CollectOutcome['status']) => {
    const events: IncomingEvent[] = [];
    const collector: Collector = {
      collect: async (given) => {
        events.push(...given);
        return given.map((event) =>
          outcome === 'accepted'
            ? { status: outcome, id: event.id! }
            : { status: outcome, id: event.id!, reason: 'no' },
        );
      },
    };
    const ports: Ports = { has: (port) => port.key === Collector.key, get: <T>(_port: Port<T>) => collector as T };
    const { lines, log } = linesOf();
    return {
      events,
      lines,
      bound: begin()
        .sideEffects(logPrediction())
        .bind(ports, { log, clock: testClock({ now: 77 }) }),
    };
  };

  it('hands over an event that its own definition accepts', async () => {
    const { events, bound } = setUp('accepted');
    await bound.run({ userId: 'ada' }, { requestId: 'r1' });
    await bound.drain();
    expect(events).toEqual([
      {
        type: 'prediction',
        id: 'r1',
        eventAt: 77,
        payload: {
          unit: 'ada',
          requestId: 'r1',
          pipeline: 'test',
          items: ['b', 'a', 'p'],
          scores: [4, 2],
          versions: [],
          degraded: [],
          variant: null,
          candidates: 3,
        },
      },
    ]);
    expect(validate(prediction.fields, events[0]!.payload).issues).toBeUndefined();
  });

  it('does not hide that an event was refused', async () => {
    const { lines, bound } = setUp('quarantined');
    await bound.run({ userId: 'ada' }, { requestId: 'r1' });
    await bound.drain();
    expect(lines[0]?.[1]?.error).toBe('Event "prediction" with id "r1" was quarantined: no');
  });
});

describe('telemetry', () => {
  afterEach(() => {
    metrics.disable();
    resetInstruments();
  });

  it('measures requests, stages, candidates and what went wrong, by names of definitions alone', async () => {
    const measured: [string, Attributes | undefined][] = [];
    const instrument = (name: string) => ({
      add: (_value: number, attributes?: Attributes) => void measured.push([name, attributes]),
      record: (_value: number, attributes?: Attributes) => void measured.push([name, attributes]),
    });
    const meter = { createCounter: instrument, createHistogram: instrument, createGauge: instrument };
    metrics.setGlobalMeterProvider({ getMeter: () => meter as never });
    resetInstruments();
    const bound = pipeline('test', { input: { userId: string() } })
      .sources(
        { name: 'rows', columns, fetch: () => [{ id: 'a', x: 1 }] },
        {
          name: 'down',
          columns,
          fetch: async () => {
            throw new Error('down');
          },
        },
      )
      .filter({ name: 'all', mask: (items) => new Uint8Array(items.length).fill(1) })
      .select(topK(3, 'x'))
      .bind(noPorts);
    await bound.run({ userId: 'somebody' });
    const names = measured.map(([name, attributes]) => `${name} ${Object.values(attributes ?? {}).join(' ')}`);
    expect(names.toSorted()).toEqual([
      'milonga.recommend.degraded test down',
      'milonga.recommend.duration test ok',
      'milonga.stage.candidates test all',
      'milonga.stage.candidates test top-k',
      'milonga.stage.duration test all ok',
      'milonga.stage.duration test down failed',
      'milonga.stage.duration test rows ok',
      'milonga.stage.duration test top-k ok',
    ]);
  });
});
