import type { PipelineDescription, StageDescription, StepDescription } from './describe.ts';

const SHAPES: Readonly<Record<StepDescription['kind'], readonly [open: string, close: string]>> = {
  query: ['(', ')'],
  sources: ['[(', ')]'],
  fallback: ['[(', ')]'],
  hydrate: ['[/', '/]'],
  filter: ['{{', '}}'],
  score: ['[', ']'],
  select: ['[[', ']]'],
  sideEffects: ['>', ']'],
};

/** Mermaid reads quotes and brackets as syntax; its own entity codes stand for them. */
const quoted = (text: string): string =>
  `"${text.replaceAll('#', '#35;').replaceAll('"', '#quot;').replaceAll('<', '#lt;')}"`;

/** A pipeline as a Mermaid flowchart: a box per step, stages side by side where they run in parallel. */
export function toMermaid(description: PipelineDescription): string {
  const lines = ['flowchart TD', `  request([${quoted(`request to ${description.name}`)}])`];
  let last = 'request';
  let fallback: string | undefined;
  description.steps.forEach((step, at) => {
    const id = `step${at}`;
    lines.push(...boxOf(step, id));
    if (step.kind === 'fallback') {
      fallback = id;
      return;
    }
    if (step.kind === 'sideEffects') {
      lines.push(`  answer([answer])`, `  ${last} --> answer`, `  answer -.-> ${id}`);
      last = '';
      return;
    }
    lines.push(`  ${last} --> ${id}`);
    if (fallback !== undefined && at > 0 && description.steps[at - 1]!.kind === 'fallback') {
      lines.push(`  ${fallback} -. too few left, or a failure .-> ${id}`);
    }
    last = id;
  });
  if (last !== '') lines.push(`  answer([answer])`, `  ${last} --> answer`);
  return `${lines.join('\n')}\n`;
}

function boxOf({ kind, stages }: StepDescription, id: string): readonly string[] {
  const [open, close] = SHAPES[kind];
  return [
    `  subgraph ${id}[${quoted(kind === 'sideEffects' ? 'side effects' : kind)}]`,
    ...stages.map((stage, at) => `    ${id}_${at}${open}${quoted(labelOf(stage))}${close}`),
    '  end',
  ];
}

function labelOf({ name, timeoutMs, experiment }: StageDescription): string {
  const limit = timeoutMs === undefined ? '' : ` (${timeoutMs} ms)`;
  return experiment === undefined ? `${name}${limit}` : `${name}${limit}, varied by ${experiment.name}`;
}
