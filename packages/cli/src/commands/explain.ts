import { type Recommendation, Recommendations, type Recommender } from '@milonga/core';
import type { Printer } from '../output/printer.ts';
import { table } from '../output/table.ts';
import { withPorts } from './with-ports.ts';

/** `milonga explain <pipeline> <json>`: runs one request here and says of each candidate where it came from and what became of it. */
export async function explain(
  recommender: Recommender,
  pipeline: string,
  input: unknown,
  printer: Printer,
): Promise<void> {
  const roles = recommender.roles.map((role) => role.name).filter((name) => name === 'predict' || name === 'recommend');
  const answer = await withPorts(
    recommender,
    async (running) => {
      const recommendations = await running.get(Recommendations);
      return recommendations.recommend(pipeline, input, { explain: true, budgetMs: 10_000 });
    },
    roles,
  );
  printer.result(answer, () => describe(answer));
}

function describe(answer: Recommendation): string {
  const candidates = answer.explanations ?? [];
  const chosen = new Map(answer.items.map((item, at) => [String(item.id), at + 1]));
  const rows = [...candidates]
    .sort(
      (left, right) =>
        (chosen.get(left.id) ?? Number.POSITIVE_INFINITY) - (chosen.get(right.id) ?? Number.POSITIVE_INFINITY),
    )
    .slice(0, 60)
    .map(({ id, sources, droppedBy, scores }) => [
      chosen.get(id),
      id,
      sources.join(' '),
      droppedBy ?? (chosen.has(id) ? '' : 'select'),
      Object.entries(scores)
        .map(([name, value]) => `${name} ${value.toPrecision(4)}`)
        .join(', '),
    ]);
  return [
    table(['slot', 'id', 'sources', 'dropped by', 'scores'], rows),
    '',
    `${answer.items.length} of ${candidates.length} candidates; scored by ${answer.versions.join(', ') || 'no model'}; degraded: ${answer.degraded.join(', ') || 'nothing'}.`,
  ].join('\n');
}
