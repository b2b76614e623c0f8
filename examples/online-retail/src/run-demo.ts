import { exposure, prediction, quarantined, type Recommender } from '@milonga/core';
import { stackOf } from '../stacks/stacks.ts';
import type { DemoArguments } from './arguments.ts';
import { RunRecord } from './compare/run-record.ts';
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
import { openEmbedded } from './target/embedded-target.ts';
import { openProcesses } from './target/processes-target.ts';
import type { ReplayTarget } from './target/replay-target.ts';
import { servicesFolderOf, startStackServices, stopLeftServices } from './target/stack-services.ts';

/** A finished replay; the recommender is still up. */
export interface DemoRun {
  readonly target: ReplayTarget;
  readonly report: Report;
  readonly wasInterrupted: boolean;
  /** Event time at which it ended. */
  readonly endedAt: number;
}

/** What the recommender itself says: how often depends on how long training takes. */
const OWN_EVENTS: ReadonlySet<string> = new Set([exposure.name, prediction.name, quarantined.name]);
const OF_THE_FILE = Date.UTC(2011, 8, 1);

/** Replays a shop through the whole recommender and measures it. Ends early, and in order, when the signal aborts. */
export async function runDemo(recommender: Recommender, options: DemoArguments, signal: AbortSignal): Promise<DemoRun> {
  const startedMs = performance.now();
  const { source, evaluateFrom } = sourceOf(options);
  await stopLeftServices(options.dir);
  const found = openStateFolder(options.dir);
  const bar = new ProgressBar(source.totalEvents);
  if (found !== '') bar.line(found);
  const target = await openTarget(recommender, options, {
    startAt: await firstMoment(source),
    say: (text) => bar.line(text),
    signal,
  });
  bar.line(`Replaying ${source.label}; ${target.url}/metrics shows it live. Ctrl-C stops it in order.`);

  const evaluation = new Evaluation();
  const requests = new RequestLog();
  const view = recommender.views.find(({ entity }) => entity.keys.length === 1 && entity.keys[0] === 'customerId');
  if (view === undefined) throw new Error('The recommender has no view of customers.');
  const freshness = new FreshnessProbe(target.features, view, () => target.now());
  const record = options.record === undefined ? undefined : new RunRecord(options.record);
  const replay = new Replay({
    target,
    source,
    evaluation,
    requests,
    freshness,
    record,
    evaluateFrom,
    signal,
    until: options.until,
    onProgress: (read, at, note) => bar.update(read, at, note),
  });
  const putOut = options.kills > 0 ? target.setOnFire?.(options.kills) : undefined;
  const endedAt = await replay.run();
  const fire = await putOut?.();
  bar.end();
  if (record !== undefined) await writeRecord(record, recommender, target, replay.entities);
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
    models: await modelFigures(recommender, target.registry),
    requests: requests.figures,
    quality: evaluation.result,
    phasesMs,
    ...(fire === undefined ? {} : { fire }),
    memory: { peakRssBytes: await target.peakRssBytes() },
    wallMs: Math.round(performance.now() - startedMs),
  };
  return { target, report, wasInterrupted, endedAt };
}

async function writeRecord(
  record: RunRecord,
  { events, views }: Recommender,
  target: ReplayTarget,
  entities: Replay['entities'],
): Promise<void> {
  if (entities === undefined) return;
  await target.settle('lake');
  const given = events.filter(({ name }) => !OWN_EVENTS.has(name));
  await record.lake(given, target.lake);
  await record.finish(views, entities, target.features, target.now() + 1);
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

/** What is known only when a run begins. */
interface Opening {
  readonly startAt: number;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

async function openTarget(
  recommender: Recommender,
  { stack: name, dir, port }: DemoArguments,
  { startAt, say, signal }: Opening,
): Promise<ReplayTarget> {
  const stack = stackOf(name);
  const stopServices = await startStackServices(stack, dir, { say, signal });
  try {
    const servicesFolder = servicesFolderOf(dir);
    const adapters = await stack.adapters({ dir, servicesFolder });
    const target = stack.isSpread
      ? await openProcesses(recommender, { name, dir, adapters, survivors: stack.survivors }, { startAt })
      : await openEmbedded(recommender, adapters, { startAt, port });
    return { ...target, stop: () => target.stop().finally(stopServices) };
  } catch (error) {
    await stopServices();
    throw error;
  }
}
