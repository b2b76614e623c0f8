import { expect, test } from 'vitest';
import { type TelemetryNames, telemetryReference } from '../docs/telemetry-reference.ts';
import { plantRepository } from './planted-repository.ts';
import { telemetryNames } from './telemetry-names.ts';

const lag = {
  name: 'milonga.lag',
  kind: 'gauge',
  unit: '{event}',
  description: 'Events to come',
  attributes: ['group'],
};
const names: TelemetryNames = { SPANS: { train: 'milonga.train' }, METRICS: { lag } };
const source = Object.entries(names).map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`);

const problemsOf = async (page: string): Promise<readonly string[]> => {
  const files = { 'packages/core/src/telemetry/names.ts': source.join(''), 'docs/reference/telemetry.md': page };
  return (await telemetryNames.run(plantRepository(files))).problems;
};

test('holds for the page that is generated, which names everything', async () => {
  const page = telemetryReference(names);
  expect(await problemsOf(page)).toEqual([]);
  expect(page).toContain('- `milonga.train`');
  expect(page).toContain('| `milonga.lag` | gauge | `{event}` | Events to come | `group` |');
});

test('finds a description that changed and a page that is missing', async () => {
  const stale = ['docs/reference/telemetry.md is stale. Run `npm run docs:telemetry`.'];
  expect(await problemsOf(telemetryReference({ ...names, METRICS: { lag: { ...lag, unit: '1' } } }))).toEqual(stale);
  expect(await problemsOf('')).toEqual(stale);
});
