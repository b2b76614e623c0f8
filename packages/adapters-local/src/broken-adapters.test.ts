import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { brokenArtifactStores } from '../test-support/broken/broken-artifact-stores.ts';
import { brokenEventLogs } from '../test-support/broken/broken-event-logs.ts';
import { brokenLakes } from '../test-support/broken/broken-lakes.ts';
import { brokenLeases } from '../test-support/broken/broken-leases.ts';
import { brokenOfflineStores } from '../test-support/broken/broken-offline-stores.ts';
import { brokenOnlineStores } from '../test-support/broken/broken-online-stores.ts';

/** The published suites on adapters that are broken on purpose: a suite that lets one pass checks too little. */
const ports = {
  OnlineStore: [...brokenOnlineStores, { name: 'a replica that lags answers' }],
  ArtifactStore: brokenArtifactStores,
  OfflineStore: brokenOfflineStores,
  EventLog: brokenEventLogs,
  Lease: brokenLeases,
  Lake: brokenLakes,
};

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

const folder = mkdtempSync(join(tmpdir(), 'milonga-broken-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Titles of the checks that ran and that failed, by port and mutation. */
const outcomes = new Map<string, { readonly failed: string[]; passed: number }>();

beforeAll(async () => {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const config = join(import.meta.dirname, '../test-support/broken/vitest.config.ts');
  const file = join(folder, 'report.json');
  const args = [vitest, 'run', '--config', config, '--reporter=json', `--outputFile=${file}`];
  const { VITEST: _, VITEST_POOL_ID: __, VITEST_WORKER_ID: ___, ...env } = process.env;
  await new Promise<void>((resolve) => {
    execFile(process.execPath, args, { env, timeout: 500_000, maxBuffer: 1e8 }, () => resolve()); // it fails, as it should
  });
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  for (const { ancestorTitles, title, status } of report.testResults.flatMap((each) => each.assertionResults)) {
    const outcome = outcomes.get(ancestorTitles[0]!) ?? { failed: [], passed: 0 };
    outcomes.set(ancestorTitles[0]!, outcome);
    if (status === 'failed') outcome.failed.push(title);
    if (status === 'passed') outcome.passed += 1;
  }
}, 510_000);

describe.each(Object.entries(ports))('the suite of %s', (port, mutations) => {
  test('lets pass what is not broken', () => {
    const outcome = outcomes.get(`${port}: no mutation`);
    expect(outcome?.failed).toEqual([]);
    expect(outcome?.passed).toBeGreaterThan(5);
  });

  test.each(mutations)('catches "$name"', ({ name }) => {
    const failed = outcomes.get(`${port}: ${name}`)?.failed ?? [];
    expect(failed.length, `no check of the suite fails for "${name}"`).toBeGreaterThan(0);
    console.info(`${port}: ${name}\n  -> ${failed[0]}`);
  });
});
