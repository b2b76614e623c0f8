import { boolean, Frame, float64, int32, MilongaError, nullable, string, timestamp } from '@milonga/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { designOf, scoreDesign } from './design.ts';
import { bucketise, cross, flag, identity, log1p, missing, oneHot, type RankerFeature } from './feature.ts';
import { fitFeature, weightCount } from './fitted-feature.ts';
import { LinearModel } from './linear-model.ts';
import { type WeightsFile, weightedFeatures } from './weights-file.ts';

const FIELDS = {
  share: nullable(float64()),
  count: int32(),
  at: timestamp(),
  isNew: boolean(),
  country: nullable(string()),
  level: int32(),
};
const FEATURES: readonly RankerFeature[] = [
  identity('share'),
  log1p('count', { type: int32() }),
  identity('at', { type: timestamp() }),
  flag('isNew'),
  oneHot('country', { most: 2 }),
  oneHot('level', { type: int32() }),
  bucketise('share', [0, 0.5]),
  missing('share'),
  cross(oneHot('country', { most: 2 }), bucketise('count', [3], { type: int32() })),
];

const row = fc.record({
  share: fc.option(fc.double({ min: -1, max: 1 })), // NaN among them
  count: fc.integer({ min: -5, max: 1_000 }),
  at: fc.integer({ min: 0, max: 2e12 }),
  isNew: fc.boolean(),
  country: fc.option(fc.constantFrom('UK', 'FR', 'DE', '__proto__')),
  level: fc.integer({ min: 0, max: 3 }),
});
const rows = fc.array(row, { minLength: 1, maxLength: 20 });

function modelOf(
  training: Frame,
  weightAt: (at: number) => number,
): { model: LinearModel; file: WeightsFile; weights: Float64Array } {
  const features = FEATURES.map((feature) => fitFeature(feature, training));
  const count = features.reduce((sum, feature) => sum + weightCount(feature), 0);
  const weights = Float64Array.from({ length: count + 1 }, (_, at) => weightAt(at));
  const file: WeightsFile = {
    output: 'score',
    loss: 'softmax',
    bias: weights[count]!,
    features: weightedFeatures(features, weights),
  };
  return { model: new LinearModel(JSON.parse(JSON.stringify(file)) as WeightsFile), file, weights };
}

describe('LinearModel', () => {
  it('scores as training did, after a trip through JSON', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const frame = Frame.fromRows(FIELDS, list) as unknown as Frame;
        const { model, weights } = modelOf(frame, (at) => Math.sin(at + 1));
        const expected = new Float64Array(list.length);
        const features = FEATURES.map((feature) => fitFeature(feature, frame));
        scoreDesign(designOf(features, frame), weights, expected);
        model.predict(frame).score!.forEach((score, at) => {
          expect(score).toBeCloseTo(expected[at]!, 9);
        });
      }),
    );
  });

  it('is finite for rows unlike any of training', () => {
    const training = Frame.fromRows(FIELDS, [
      { share: 0.2, count: 1, at: 1_000, isNew: true, country: 'UK', level: 1 },
      { share: 0.4, count: 2, at: 2_000, isNew: false, country: 'FR', level: 2 },
    ]) as unknown as Frame;
    const { model } = modelOf(training, () => 1);
    const odd = Frame.fromRows(FIELDS, [
      { share: null, count: -2_147_483_648, at: 0, isNew: false, country: null, level: 99 },
      { share: Number.NaN, count: 0, at: 0, isNew: false, country: 'nowhere', level: 0 },
      { share: Number.POSITIVE_INFINITY, count: 0, at: 0, isNew: true, country: 'UK', level: 1 },
    ]) as unknown as Frame;
    expect(model.predict(odd).score!.every(Number.isFinite)).toBe(true);
  });

  it('takes a missing number for the mean, so it weighs nothing once standardised', () => {
    const fields = { x: nullable(float64()) };
    const training = Frame.fromRows(fields, [{ x: 1 }, { x: 3 }, { x: null }]) as unknown as Frame;
    const features = [fitFeature(identity('x'), training)];
    const file: WeightsFile = {
      output: 'score',
      loss: 'softmax',
      bias: 0.5,
      features: weightedFeatures(features, Float64Array.of(2)),
    };
    expect([...new LinearModel(file).predict(training).score!]).toEqual([-1.5, 2.5, 0.5]);
  });

  it('says in its file what each weight is for', () => {
    const frame = Frame.fromRows(FIELDS, [
      { share: 0.2, count: 1, at: 1, isNew: true, country: 'UK', level: 1 },
      { share: 0.4, count: 5, at: 2, isNew: false, country: 'FR', level: 1 },
    ]) as unknown as Frame;
    const { features } = modelOf(frame, (at) => at).file;
    const weightsOfKind = (kind: string) =>
      features
        .filter(({ feature }) => feature.kind === kind)
        .map((found) => ('weight' in found ? found.weight : found.weights));
    expect(weightsOfKind('buckets')).toEqual([{ '< 0': 7, '>= 0': 8, '>= 0.5': 9 }]);
    expect(weightsOfKind('one-hot')).toEqual([{ FR: 4, UK: 5 }, { 1: 6 }]);
    expect(weightsOfKind('cross')[0]).toEqual({
      '["FR","< 3"]': 11,
      '["FR",">= 3"]': 12,
      '["UK","< 3"]': 13,
      '["UK",">= 3"]': 14,
    });
  });
});

describe('feature definitions', () => {
  it('are refused in words when they make no sense', () => {
    expect(() => identity('name', { type: string() })).toThrow('Use oneHot("name")');
    expect(() => bucketise('x', [2, 1])).toThrow('needs ascending finite boundaries; found 2, 1');
    expect(() => oneHot('x', { type: float64() })).toThrow(MilongaError);
    expect(() => oneHot('x', { most: 0 })).toThrow('an integer from 1 to 100000; found 0');
  });
});
