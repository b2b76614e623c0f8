import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import recommender from '../../milonga.config.ts';
import type { DemoArguments } from '../arguments.ts';
import { compareRecords } from '../compare/compare-records.ts';
import { FEATURES } from '../compare/run-record.ts';
import type { Report } from '../report/report.ts';
import { runDemo } from '../run-demo.ts';

const root = mkdtempSync(join(tmpdir(), 'milonga-processes-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function run(name: string, options: Partial<DemoArguments>): Promise<Report> {
  const dir = join(root, name);
  const { target, report } = await runDemo(
    recommender,
    {
      data: undefined,
      report: undefined,
      exit: true,
      evaluateFrom: Date.UTC(2025, 0, 8),
      until: Date.UTC(2025, 0, 12),
      port: 0,
      record: join(root, `${name}-record`),
      stack: 'embedded',
      kills: 0,
      ...options,
      dir,
    },
    new AbortController().signal,
  );
  await target.stop();
  return report;
}

test('roles in processes that are killed on the way give the features and slates of one process', {
  timeout: 120_000,
}, async () => {
  const calm = await run('calm', {});
  const burnt = await run('burnt', { stack: 'processes', kills: 1 });
  expect(Object.values(burnt.fire?.kills ?? {})).toEqual(Array(8).fill(1));
  expect(burnt.requests.failed).toBe(0);
  expect(burnt.events).toMatchObject({ read: calm.events.read, accepted: calm.events.accepted });
  const comparisons = await compareRecords(join(root, 'calm-record'), join(root, 'burnt-record'));
  for (const { file, same, different, missing, examples } of comparisons) {
    expect({ file, different, missing, examples }).toEqual({ file, different: 0, missing: 0, examples: [] });
    expect(same).toBeGreaterThan(0);
  }
  expect(readFileSync(join(root, 'calm-record', FEATURES), 'utf8').split('\n').length).toBeGreaterThan(100);
});
