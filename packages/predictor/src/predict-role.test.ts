import { memory } from '@milonga/adapters-local';
import {
  ArtifactStore,
  CurrentRecommender,
  defineRecommender,
  Logger,
  ModelRegistry,
  Predictor,
  type RunningRole,
  silentLogger,
} from '@milonga/core';
import { type App, createApp, defineAdapter, provide } from '@milonga/core/app';
import { afterEach, expect, test } from 'vitest';
import { LinearRuntime, linearDefinition, rowsOf, storeLinear } from './linear-model.fixture.ts';
import { predictor } from './predictor-adapter.ts';

let app: App;
let role: RunningRole;
afterEach(async () => {
  await role.stop();
  await app.close();
});

test('the adapter brings the role, which serves what is live and follows what is named', async () => {
  const recommender = defineRecommender({
    name: 'shop',
    adapters: [memory(), predictor({ swap: { latencyMs: 1_000 } })],
    events: [],
    models: [linearDefinition(new LinearRuntime())],
  });
  const process = defineAdapter('process', [
    provide(CurrentRecommender, { create: () => recommender }),
    provide(Logger, { create: () => silentLogger }),
  ]);
  app = createApp([process, ...recommender.adapters]);
  const { artifacts, registry, served } = await app.resolve({
    artifacts: ArtifactStore,
    registry: ModelRegistry,
    served: Predictor,
  });
  await storeLinear('v1', { artifacts, registry });
  await storeLinear('v2', { artifacts, registry }, { weights: { bias: 1 } });
  const move = { model: 'linear', by: 'test', reason: 'test', expectedRevision: 0 };
  await registry.moveAlias({ ...move, alias: 'live', version: 'v1' });

  const [predict] = recommender.roles;
  expect(predict?.name).toBe('predict');
  role = await predict!.start({
    recommender,
    ports: await app.ports(predict!.needs(recommender)),
    signal: new AbortController().signal,
    log: silentLogger,
  });
  expect(await served.predict('linear', rowsOf(1))).toMatchObject({ version: 'v1' });
  await registry.moveAlias({ ...move, alias: 'candidate', version: 'v2' });
  await role.settle?.();
  expect(await served.predict('linear', rowsOf(1))).toMatchObject({
    version: 'v2',
    scores: { score: Float64Array.of(2) },
  });
});
