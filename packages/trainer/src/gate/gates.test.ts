import { minutes } from '@milonga/core';
import { describe, expect, it } from 'vitest';
import { askGates } from './ask-gates.ts';
import { duration, floor, regression, size } from './built-in-gates.ts';
import type { Gate, GateInput } from './gate.ts';

const INPUT: GateInput = {
  model: 'ranker',
  metrics: { 'ndcg@20': 0.2, logloss: 3, odd: Number.NaN },
  live: { version: 'v1', metrics: { 'ndcg@20': 0.21, logloss: 2.9 } },
  whyNoLive: undefined,
  rows: 1_000,
  trainMs: 60_000,
  bytes: 5_000,
};
const passes = async (gate: Gate, input: GateInput = INPUT): Promise<boolean> => (await gate.check(input)).passed;
const reasonOf = async (gate: Gate, input: GateInput = INPUT): Promise<string> => (await gate.check(input)).reason;

describe('floor', () => {
  it('passes at the limit and fails below it', async () => {
    expect(await passes(floor({ metric: 'ndcg@20', atLeast: 0.2 }))).toBe(true);
    expect(await passes(floor({ metric: 'ndcg@20', atLeast: 0.2001 }))).toBe(false);
    expect(await reasonOf(floor({ metric: 'ndcg@20', atLeast: 0.3 }))).toBe(
      'ndcg@20 is 0.2000; at least 0.3 is wanted.',
    );
  });

  it('fails for a metric that was not measured or is no number', async () => {
    expect(await reasonOf(floor({ metric: 'recall@20', atLeast: 0 }))).toBe(
      'Metric "recall@20" was not measured; measured: ndcg@20, logloss, odd.',
    );
    expect(await passes(floor({ metric: 'odd', atLeast: -1 }))).toBe(false);
    expect(await reasonOf(floor({ metric: 'recall@20', atLeast: 0 }), { ...INPUT, metrics: { judged: 0 } })).toBe(
      'Metric "recall@20" was not measured: the holdout has nobody to judge by.',
    );
    expect(() => floor({ metric: 'ndcg@20', atLeast: Number.NaN })).toThrow('must be a finite number; found NaN');
  });
});

describe('regression', () => {
  it('holds a version against the live one on the same holdout', async () => {
    expect(await passes(regression({ metric: 'ndcg@20' }))).toBe(false);
    expect(await passes(regression({ metric: 'ndcg@20', tolerance: 0.04 }))).toBe(false);
    expect(await passes(regression({ metric: 'ndcg@20', tolerance: 0.05 }))).toBe(true);
    expect(await reasonOf(regression({ metric: 'ndcg@20' }))).toContain(
      'live version v1 has 0.2100 on the same holdout',
    );
  });

  it('knows that a loss is better when lower', async () => {
    expect(await passes(regression({ metric: 'logloss', better: 'lower' }))).toBe(false);
    expect(await passes(regression({ metric: 'logloss', better: 'lower', tolerance: 0.05 }))).toBe(true);
    expect(await passes(regression({ metric: 'logloss' }))).toBe(true);
  });

  it('passes when there is nothing to compare with, and says why', async () => {
    const alone = { ...INPUT, live: undefined, whyNoLive: 'nothing is live.' };
    expect(await passes(regression({ metric: 'ndcg@20' }), alone)).toBe(true);
    expect(await reasonOf(regression({ metric: 'ndcg@20' }), alone)).toContain(
      'nothing to compare with: nothing is live.',
    );
    expect(await passes(regression({ metric: 'odd' }), alone)).toBe(false);
  });
});

describe('duration and size', () => {
  it('pass at the limit and fail above it', async () => {
    expect(await passes(duration(minutes(1)))).toBe(true);
    expect(await passes(duration(minutes(0.5)))).toBe(false);
    expect(await passes(size(5_000))).toBe(true);
    expect(await passes(size(4_999))).toBe(false);
  });
});

describe('askGates', () => {
  it('asks all, and takes one that throws for failed', async () => {
    const broken: Gate = {
      name: 'own',
      check: () => {
        throw new Error('no table');
      },
    };
    const later: Gate = { name: 'later', check: async () => ({ gate: 'later', passed: true, reason: 'fine' }) };
    expect(await askGates([floor({ metric: 'ndcg@20', atLeast: 0.9 }), broken, later], INPUT)).toMatchObject([
      { gate: 'floor', passed: false },
      { gate: 'own', passed: false, reason: 'The gate itself failed: no table' },
      { gate: 'later', passed: true },
    ]);
  });
});
