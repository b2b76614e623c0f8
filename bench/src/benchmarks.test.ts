import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { requireService } from '../../services/test-services.ts';
import { BenchUsageError, parseBenchArguments } from './arguments.ts';
import { benchmarks, lackOf } from './benchmarks.ts';
import type { BenchReport } from './run-benchmarks.ts';
import { summaryOf, tableOf } from './table.ts';
import { shortfallsOf } from './verdicts.ts';

const figures = { p50: 2, p99: 3 };
const folder = mkdtempSync(join(tmpdir(), 'milonga-bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const services = [await requireService('redis-cluster'), await requireService('kafka')];
/** Benchmarks whose services are not there. */
const skipped = new Set<string>();
if (services.includes(undefined)) for (const name of benchmarks.keys()) if (await lackOf(name)) skipped.add(name);

it.each([...benchmarks.keys()].filter((name) => !skipped.has(name)))(
  'npm run bench -- --quick --only %s',
  { timeout: 60_000 },
  (name) => {
    const json = join(folder, `${name}.json`);
    const main = join(import.meta.dirname, '../main.ts');
    const printed = execFileSync(process.execPath, [main, '--quick', '--only', name, '--json', json], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    const { results } = JSON.parse(readFileSync(json, 'utf8')) as BenchReport;
    expect(results.length).toBeGreaterThan(0);
    for (const { name, ours, peer, ratio, limits = [] } of results) {
      expect(printed).toContain(name);
      const measured = [ours.p50, ours.p99, peer?.p50 ?? 1, ratio ?? 1, ...limits.map(({ value }) => value)];
      for (const value of measured) expect(value).toBeGreaterThan(0);
      expect(measured.every(Number.isFinite)).toBe(true);
    }
  },
);

it('says in words what falls short, by ratio and by limit', () => {
  const result = {
    name: 'tiles',
    unit: 'us',
    ours: figures,
    peer: { name: 'LMDB', p50: 1, p99: 1 },
    ratio: 2,
    budget: 1.5,
    limits: [
      { what: 'events/s', value: 90_000, atLeast: 100_000 },
      { what: 'p99 ms', value: 20, atMost: 20 },
    ],
  };
  expect(shortfallsOf(result)).toEqual(['tiles: 2.00x LMDB, budget 1.5x', 'tiles: events/s 90,000 (at least 100,000)']);
  expect(summaryOf([result])).toContain('2 budgets are not kept');
  expect(summaryOf([{ ...result, budget: 2, limits: [] }])).toBe('Every budget is kept.\n');
  expect(tableOf([result])).toMatch(/2\.00x +1\.5x .*SHORT/);
});

it('refuses what it does not know', () => {
  expect(() => parseBenchArguments(['--only', 'cake'], ['tiles'])).toThrow('No benchmark is called cake');
  expect(() => parseBenchArguments(['--fast'], ['tiles'])).toThrow(BenchUsageError);
  expect(parseBenchArguments(['--quick', '--json', 'x.json'], [])).toMatchObject({ quick: true, json: 'x.json' });
});
