import { local } from '@milonga/adapters-local';
import {
  Clock,
  Collector,
  FeatureReader,
  ModelRegistry,
  minutes,
  Recommendations,
  type Recommender,
} from '@milonga/core';
import { defineAdapter, provide } from '@milonga/core/app';
import { type RunningRecommender, startRecommender } from '@milonga/service';
import { type TestClock, testClock } from '@milonga/testing';
import type { DemoArguments } from './arguments.ts';
import { Evaluation } from './quality/evaluation.ts';
import { FreshnessProbe } from './replay/freshness-probe.ts';
import { Replay } from './replay/replay.ts';
import { onlineRetailFile, type ShopSource } from './replay/shop-rows.ts';
import { simulatedSource } from './replay/simulated-source.ts';
import { modelFigures } from './report/model-figures.ts';
import { ProgressBar } from './report/progress-bar.ts';
import type { Report } from './report/report.ts';
import { RequestLog } from './report/request-log.ts';
import { mark, openStateFolder } from './state-folder.ts';

/** A finished replay; the recommender is still up. */
export interface DemoRun {
  readonly running: RunningRecommender;
  readonly report: Report;
  readonly wasInterrupted: boolean;
  /** Event time at which it ended. */
  readonly endedAt: number;
}

const OF_THE_FILE = Date.UTC(2011, 8, 1);

/** Replays a shop through the whole recommender and measures it. Ends early, and in order, when the signal aborts. */
export async function runDemo(recommender: Recommender, options: DemoArguments, signal: AbortSignal): Promise<DemoRun> {
  const startedMs = performance.now();
  const { source, evaluateFrom } = sourceOf(options);
  const found = openStateFolder(options.dir);
  const bar = new ProgressBar(source.totalEvents);
  if (found !== '') bar.line(found);
  const clock = testClock({ now: await firstMoment(source) });
  const running = await start(recommender, clock, options);
  bar.line(`Replaying ${source.label}; ${running.url}/metrics shows it live. Ctrl-C stops it in order.`);

  const evaluation = new Evaluation();
  const requests = new RequestLog();
  const view = recommender.views.find(({ entity }) => entity.keys.length === 1 && entity.keys[0] === 'customerId');
  if (view === undefined) throw new Error('The recommender has no view of customers.');
  const freshness = new FreshnessProbe(await running.get(FeatureReader), view, () => clock.now());
  const replay = new Replay({
    running,
    clock,
    source,
    evaluation,
    requests,
    freshness,
    evaluateFrom,
    signal,
    until: options.until,
    collector: await running.get(Collector),
    recommendations: await running.get(Recommendations),
    onProgress: (read, at, note) => bar.update(read, at, note),
  });
  const endedAt = await replay.run();
  bar.end();
  const wasInterrupted = signal.aborted;
  mark(options.dir, wasInterrupted ? 'running' : 'complete', new Date(endedAt).toISOString().slice(0, 10));
  const { counts, phasesMs } = replay;
  const report: Report = {
    source: source.label,
    events: {
      read: counts.read,
      accepted: counts.accepted,
      quarantined: counts.quarantined,
      quarantineReasons: counts.reasons,
      perSecond: Math.round(counts.read / (phasesMs.events / 1_000)),
      freshnessMs: {
        p50: freshness.durations.percentile(0.5),
        p99: freshness.durations.percentile(0.99),
        samples: freshness.durations.count,
      },
    },
    models: await modelFigures(recommender, await running.get(ModelRegistry)),
    requests: requests.figures,
    quality: evaluation.result,
    phasesMs,
    memory: { peakRssBytes: process.resourceUsage().maxRSS * 1_024 },
    wallMs: Math.round(performance.now() - startedMs),
  };
  return { running, report, wasInterrupted, endedAt };
}

function sourceOf({ data, evaluateFrom }: DemoArguments): { source: ShopSource; evaluateFrom: number } {
  if (data !== undefined) return { source: onlineRetailFile(data), evaluateFrom: evaluateFrom ?? OF_THE_FILE };
  const source = simulatedSource();
  return { source, evaluateFrom: evaluateFrom ?? source.evaluateFrom };
}

async function firstMoment(source: ShopSource): Promise<number> {
  for await (const { at } of source.events()) return at;
  throw new Error(`${source.label} holds no events.`);
}

async function start(
  recommender: Recommender,
  clock: TestClock,
  { dir, port }: DemoArguments,
): Promise<RunningRecommender> {
  const adapters = [
    // One process needs no partitions; and nobody comes back for events of the log after a minute.
    local({ dir, partitions: 1, retentionMs: minutes(1).ms, lake: { memoryLimitMiB: 256 } }),
    defineAdapter('replay', [provide(Clock, { create: () => clock })]),
  ];
  const logging = { level: 'error' } as const;
  try {
    return await startRecommender(recommender, { adapters, logging, http: { port } });
  } catch (error) {
    if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
    return startRecommender(recommender, { adapters, logging, http: { port: 0 } }); // somebody else has the port
  }
}
