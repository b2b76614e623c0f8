import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireService } from '../../../../services/test-services.ts';
import recommender from '../../milonga.config.ts';
import { stackOf } from '../../stacks/stacks.ts';
import type { DemoArguments } from '../arguments.ts';
import { compareRecords } from '../compare/compare-records.ts';
import { FEATURES } from '../compare/run-record.ts';
import type { Report } from '../report/report.ts';
import { runDemo } from '../run-demo.ts';

const root = mkdtempSync(join(tmpdir(), 'milonga-processes-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The stacks start services of their own; a machine that can start these can start those. */
const services = {
  kafka: await requireService('kafka'),
  pubsub: await requireService('pubsub'),
  'redis-cluster': await requireService('redis-cluster'),
  bigtable: await requireService('bigtable'),
  gcs: await requireService('gcs'),
  bigquery: await requireService('bigquery'),
} as const;
const canRun = (stack: string): boolean =>
  stackOf(stack).services.every((name) => services[name as keyof typeof services] !== undefined);

async function run(stack: string, kills: number): Promise<Report> {
  const options: DemoArguments = {
    data: undefined,
    report: undefined,
    exit: true,
    evaluateFrom: Date.UTC(2025, 0, 8),
    until: Date.UTC(2025, 0, 14),
    port: 0,
    record: join(root, `${stack}-record`),
    dir: join(root, stack),
    stack,
    kills,
  };
  const { target, report } = await runDemo(recommender, options, new AbortController().signal);
  await target.stop();
  return report;
}

describe('roles in processes that are killed on the way give the features and slates of one process', () => {
  let calm: Report;
  beforeAll(async () => {
    calm = await run('embedded', 0);
  }, 60_000);

  describe.each(['processes', 'kafka', 'gcp'])('%s', (stack) => {
    test.skipIf(!canRun(stack))('value for value', { timeout: 300_000 }, async () => {
      const burnt = await run(stack, 1);
      const kills = Object.values(burnt.fire?.kills ?? {});
      expect(kills).toEqual(Array(8 + stackOf(stack).survivors.length).fill(1));
      expect(burnt.requests.failed).toBe(0);
      expect(burnt.events).toMatchObject({ read: calm.events.read, accepted: calm.events.accepted });
      const comparisons = await compareRecords(join(root, 'embedded-record'), join(root, `${stack}-record`));
      for (const { file, same, different, missing, examples } of comparisons) {
        expect({ file, different, missing, examples }).toEqual({ file, different: 0, missing: 0, examples: [] });
        expect(same).toBeGreaterThan(0);
      }
      expect(readFileSync(join(root, 'embedded-record', FEATURES), 'utf8').split('\n').length).toBeGreaterThan(100);
    });
  });
});
