import type { Report, RequestFigures } from './report.ts';

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
const count = (value: number): string => Math.round(value).toLocaleString('en');
const size = (bytes: number): string =>
  bytes >= 1_048_576 ? `${(bytes / 1_048_576).toFixed(1)} MiB` : `${(bytes / 1_024).toFixed(0)} KiB`;
const seconds = (ms: number): string =>
  ms >= 60_000
    ? `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`
    : `${(ms / 1_000).toFixed(1)} s`;

/** The report as a page of text for a terminal. */
export function summarise(report: Report): string {
  return [...overview(report), '', ...quality(report), '', ...models(report), ''].join('\n');
}

function overview({ source, events, requests, phasesMs, fire, memory, wallMs }: Report): readonly string[] {
  const reasons = Object.entries(events.quarantineReasons).map(
    ([reason, times]) => `      ${count(times)} x ${reason}`,
  );
  return [
    '',
    `A shop in ${seconds(wallMs)}: ${source}`,
    '',
    `  events     ${count(events.read)} read, ${count(events.accepted)} accepted, ${count(events.quarantined)} in quarantine; ${count(events.perSecond)} a second`,
    ...reasons,
    events.freshnessMs.samples === 0
      ? '  freshness  not measured: too few events'
      : `  freshness  ${ms(events.freshnessMs.p50)} from publish to readable feature (p99 ${ms(events.freshnessMs.p99)}, ${events.freshnessMs.samples} samples)`,
    `  requests   ${line(requests)}`,
    `             ${line(requests.duringSwaps)}, while models trained and swapped`,
    ...requests.failures.map((reason) => `      failed: ${reason}`),
    `  time       ${seconds(phasesMs.events)} events, ${seconds(phasesMs.training)} training and swapping, ${seconds(phasesMs.requests)} evaluated requests`,
    ...(fire === undefined
      ? []
      : [
          `  killed     ${Object.entries(fire.kills)
            .map(([name, kills]) => `${kills} x ${name}`)
            .join(', ')}`,
        ]),
    `  memory     ${size(memory.peakRssBytes)} at most`,
  ];
}

const ms = (value: number | null): string => (value === null ? '?' : `${value.toFixed(1)} ms`);

const line = ({ count: times, failed, degraded, p50Ms, p99Ms }: RequestFigures): string =>
  times === 0
    ? 'none'
    : `${count(times)} in ${ms(p50Ms)} (p99 ${ms(p99Ms)}); ${failed} failed, ${degraded} with parts missing`;

function quality({ quality: { requests, milonga, popular, frequent, attainable } }: Report): readonly string[] {
  if (requests === 0) return ['  No invoice of a returning customer fell into the evaluation; see --evaluate-from.'];
  const best = attainable?.ndcg20 ?? Math.max(milonga.ndcg20, popular.ndcg20, frequent.ndcg20);
  const rows = [
    ['popular', popular],
    ['frequent', frequent],
    ['milonga', milonga],
    ...(attainable === undefined ? [] : [['attainable', attainable] as const]),
  ] as const;
  const lift = milonga.ndcg20 / frequent.ndcg20 - 1;
  return [
    `  Slates of 20 against what was then bought, over ${count(requests)} invoices of returning customers:`,
    '',
    '              NDCG@20   Recall@20',
    ...rows.map(
      ([name, { ndcg20, recall20 }]) =>
        `  ${name.padEnd(10)}  ${ndcg20.toFixed(4)}    ${recall20.toFixed(4)}     ${'#'.repeat(Math.round((ndcg20 / best) * 40))}`,
    ),
    '',
    `  Milonga is ${percent(Math.abs(lift))} ${lift >= 0 ? 'above' : 'below'} "frequent", the customer's own most frequent items.`,
  ];
}

function models({ models: all }: Report): readonly string[] {
  if (all.length === 0) return ['  No model was trained: the replay was shorter than 30 event-days.'];
  const newest = new Map(all.map((model) => [model.name, model]));
  return [
    `  ${all.length} model versions were trained; ${all.filter((model) => model.swappedAt !== null).length} went live. The newest of each model:`,
    '',
    ...[...newest.values()].map(
      ({ name, algorithm, rows, trainMs, bytes, metrics, baselineCheck }) =>
        `  ${name.padEnd(18)} ${algorithm.padEnd(16)} ${count(rows).padStart(9)} rows ${seconds(trainMs).padStart(7)} ${size(bytes).padStart(9)}  ${Object.entries(
          metrics,
        )
          .map(([metric, value]) => `${metric} ${value.toPrecision(3)}`)
          .join('  ')}  [${baselineCheck}]`,
    ),
  ];
}
