/** Where the reference of spans and metrics stands, relative to the repository. */
export const telemetryReferencePath = 'docs/reference/telemetry.md';

/** What core says of its telemetry, as far as the page shows it. */
export interface TelemetryNames {
  readonly SPANS: Readonly<Record<string, string>>;
  readonly METRICS: Readonly<Record<string, Metric>>;
}

interface Metric {
  readonly name: string;
  readonly kind: string;
  readonly unit: string;
  readonly description: string;
  readonly attributes: readonly string[];
}

const introduction = `# Telemetry

Every span and metric that Milonga emits, through the OpenTelemetry API. \`@milonga/service\` registers the SDK: metrics in
Prometheus format at \`/metrics\`, and traces and metrics over OTLP where \`OTEL_EXPORTER_OTLP_ENDPOINT\` is set. Units are
[UCUM](https://ucum.org). Attributes are names of definitions and small enumerations, never an id of a user or an item, so
the number of series is bounded by the recommender's own size.

<!-- Generated from packages/core/src/telemetry/names.ts by \`npm run docs:telemetry\`; edit the descriptions there. -->
`;

/** The page that documents every span and metric. */
export function telemetryReference({ SPANS, METRICS }: TelemetryNames): string {
  const spans = Object.values(SPANS).map((name) => `- \`${name}\``);
  const metrics = Object.values(METRICS).map(
    ({ name, kind, unit, description, attributes }) =>
      `| \`${name}\` | ${kind} | \`${unit}\` | ${description} | ${attributes.map((attribute) => `\`${attribute}\``).join(', ')} |`,
  );
  return [
    introduction,
    '## Spans\n',
    ...spans,
    '\n## Metrics\n',
    'In Prometheus, dots become underscores, and units and `_total` are appended as its conventions ask.\n',
    '| metric | kind | unit | what it counts | attributes |',
    '| --- | --- | --- | --- | --- |',
    ...metrics,
    '',
  ].join('\n');
}

/** Reads the names from core's source. */
export const readTelemetryNames = (root: string): Promise<TelemetryNames> =>
  import(`${root}/packages/core/src/telemetry/names.ts`) as Promise<TelemetryNames>;
