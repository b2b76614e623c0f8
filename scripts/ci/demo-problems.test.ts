import { expect, test } from 'vitest';
import { demoProblems } from './demo-problems.ts';

type Report = Parameters<typeof demoProblems>[0];

const latency = { p50Ms: 1, p99Ms: 2 };
const sound: Report = {
  source: 'planted',
  events: {
    read: 10,
    accepted: 9,
    quarantined: 1,
    quarantineReasons: { malformed: 1 },
    perSecond: 100,
    freshnessMs: { p50: 1, p99: 2, samples: 3 },
  },
  models: [
    {
      name: 'ranker',
      version: '1',
      algorithm: 'logistic',
      rows: 10,
      trainMs: 1,
      bytes: 1,
      metrics: {},
      gates: [],
      baselineCheck: 'passed',
      swappedAt: '2010-01-01T00:00:00.000Z',
    },
  ],
  requests: {
    count: 5,
    failed: 0,
    degraded: 0,
    ...latency,
    duringSwaps: { count: 1, failed: 0, degraded: 0, ...latency },
    failures: [],
  },
  quality: {
    requests: 5,
    milonga: { recall20: 0.2, ndcg20: 0.2 },
    popular: { recall20: 0.1, ndcg20: 0.1 },
    frequent: { recall20: 0.1, ndcg20: 0.1 },
  },
  phasesMs: { events: 1, training: 1, requests: 1 },
  memory: { peakRssBytes: 1 },
  wallMs: 1000,
};

test('a sound report has no problems', () => {
  expect(demoProblems(sound)).toEqual([]);
});

test.each<[string, Partial<Report>, string]>([
  ['an event that was lost', { events: { ...sound.events, accepted: 8 } }, 'accepted or quarantined'],
  ['no live model', { models: sound.models.map((model) => ({ ...model, swappedAt: null })) }, 'must go live'],
  ['a failed request', { requests: { ...sound.requests, failed: 1 } }, 'no request may fail; found 1'],
  ['nothing evaluated', { quality: { ...sound.quality, requests: 0 } }, 'slates must be evaluated'],
  ['poor slates', { quality: { ...sound.quality, milonga: { recall20: 0, ndcg20: 0.1 } } }, 'must beat the popular'],
])('finds %s', (_, change, problem) => {
  expect(demoProblems({ ...sound, ...change })).toEqual([expect.stringContaining(problem)]);
});
