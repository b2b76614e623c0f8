import { availableParallelism, cpus } from 'node:os';
import type { BenchOptions, BenchResult } from './bench-result.ts';
import { benchmarks } from './benchmarks.ts';
import { shortfallsOf } from './verdicts.ts';

/** A whole run, as it is written to JSON. */
export interface BenchReport {
  readonly startedAt: string;
  readonly machine: { readonly node: string; readonly processor: string; readonly cores: number };
  readonly isQuick: boolean;
  readonly results: readonly (BenchResult & { readonly benchmark: string; readonly shortfalls: readonly string[] })[];
}

/** Runs benchmarks one after the other, in this process; `onStart` hears of each. */
export async function runBenchmarks(
  names: readonly string[],
  options: BenchOptions,
  onStart: (name: string) => void = () => {},
): Promise<BenchReport> {
  const startedAt = new Date().toISOString();
  const results: BenchReport['results'][number][] = [];
  for (const name of names) {
    onStart(name);
    for (const result of await benchmarks.get(name)!(options)) {
      results.push({ benchmark: name, ...result, shortfalls: shortfallsOf(result) });
    }
  }
  const processor = cpus()[0]?.model ?? 'unknown';
  const machine = { node: process.version, processor, cores: availableParallelism() };
  return { startedAt, machine, isQuick: options.quick, results };
}
