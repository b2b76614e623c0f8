import { Frame, float64, int32, list, nullable, string } from '@milonga/core';
import { describe, expect, test } from 'vitest';
import { rowsOf } from '../linear-model.fixture.ts';
import { ServedModel, sharedStores } from '../served-models.fixture.ts';

const serving = async (): Promise<ServedModel> => {
  const served = new ServedModel(await sharedStores());
  await served.try('v1', { weights: { items: ['a', 'b', 'c'] } });
  return served;
};
const frameOf = (fields: Parameters<typeof Frame.empty>[0], row: object): Frame =>
  Frame.fromRows(fields, [row as never]);

describe('predict', () => {
  test('gives one score a row, in order, with the version', async () => {
    const { predictor } = await serving();
    expect(await predictor.predict('linear', rowsOf(3, 1, 2))).toEqual({
      scores: { score: Float64Array.of(3, 1, 2) },
      model: 'linear',
      version: 'v1',
    });
    expect((await predictor.predict('linear', rowsOf())).scores.score).toHaveLength(0);
  });

  test('takes more columns than it reads, and nullable ones', async () => {
    const { predictor } = await serving();
    const more = frameOf(
      { extra: int32(), x: nullable(float64()), id: nullable(string()) },
      { extra: 1, x: 2, id: null },
    );
    expect((await predictor.predict('linear', more)).scores.score).toEqual(Float64Array.of(2));
  });

  test.each([
    ['lacks', { id: string() }, { id: 'a' }, 'reads the column "x" (float64); the frame has no such column, but id.'],
    ['has as other numbers', { id: string(), x: int32() }, { id: 'a', x: 1 }, 'the frame has it as int32.'],
    ['has as lists', { id: list(string()), x: float64() }, { id: ['a'], x: 1 }, 'the frame has it as list(string).'],
  ])('refuses a frame that %s a column', async (_, fields, row, message) => {
    const { predictor } = await serving();
    await expect(predictor.predict('linear', frameOf(fields, row))).rejects.toMatchObject({
      code: 'MILONGA_MODEL_INCOMPATIBLE',
      message: expect.stringContaining(message),
    });
  });

  test('tells unknown models, models without a version, cancelled calls and a closed predictor apart', async () => {
    const served = new ServedModel(await sharedStores());
    const { predictor } = served;
    const code = (call: Promise<unknown>) =>
      call.then(
        () => 'no error',
        (error: { code: string }) => error.code,
      );
    expect(await code(predictor.predict('nobody', rowsOf(1)))).toBe('MILONGA_MODEL_UNKNOWN');
    expect(await code(predictor.predict('linear', rowsOf(1)))).toBe('MILONGA_MODEL_NOT_LOADED');
    expect(predictor.liveVersion('nobody')).toBeUndefined();
    await served.try('v1');
    expect(await code(predictor.predict('linear', rowsOf(1), { signal: AbortSignal.abort() }))).toBe('MILONGA_ABORTED');
    const inFlight = predictor.predict('linear', rowsOf(1));
    predictor.close();
    predictor.close();
    expect((await inFlight).version).toBe('v1');
    expect(await code(predictor.predict('linear', rowsOf(1)))).toBe('MILONGA_CLOSED');
    expect(await code(predictor.retrieve('linear', rowsOf(1), 1))).toBe('MILONGA_CLOSED');
    expect(predictor.liveVersion('linear')).toBeUndefined();
    expect(served.runtime.lives).toMatchObject([{ isDisposed: true, callsAfterDispose: 0 }]);
    expect(await served.host.adopt(await served.name('candidate', 'v1'), 'test')).toMatchObject({ adopted: false });
  });

  test('does not hand on scores that do not fit the rows', async () => {
    const served = new ServedModel(await sharedStores());
    served.runtime.misbehaviour.set('v1', { predict: (scores) => (scores.length === 2 ? scores.slice(1) : scores) });
    await served.try('v1');
    await expect(served.predictor.predict('linear', rowsOf(1, 2))).rejects.toMatchObject({
      code: 'MILONGA_FRAME_SHAPE',
      message: 'Model "linear" returned 1 scores "score" for 2 rows; it must return one per row, in order.',
    });
  });
});

describe('retrieve', () => {
  test('gives the best items of each row', async () => {
    const { predictor } = await serving();
    expect(await predictor.retrieve('linear', rowsOf(1, 2), 2)).toEqual({
      offsets: Int32Array.of(0, 2, 4),
      ids: ['a', 'b', 'a', 'b'],
      scores: Float64Array.of(-0, -1, -0, -1),
      model: 'linear',
      version: 'v1',
    });
    expect((await predictor.retrieve('linear', rowsOf(1), 0)).ids).toEqual([]);
  });

  test.each([-1, 1.5, Number.NaN, Infinity])('refuses a limit of %d', async (limit) => {
    const { predictor } = await serving();
    await expect(predictor.retrieve('linear', rowsOf(1), limit)).rejects.toMatchObject({
      code: 'MILONGA_REQUEST_INVALID',
    });
  });
});
