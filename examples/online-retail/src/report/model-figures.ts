import type { ModelRegistry, Recommender } from '@milonga/core';
import type { ModelFigures } from './report.ts';

/** What the registry has on record of every version of every model, oldest first. */
export async function modelFigures(
  recommender: Recommender,
  registry: ModelRegistry,
): Promise<readonly ModelFigures[]> {
  const figures: (ModelFigures & { readonly createdAt: number })[] = [];
  for (const { name } of recommender.models) {
    const wentLive = new Map((await registry.history(name, 'live')).map((move) => [move.version, move.movedAt]));
    for (const version of await registry.versions(name)) {
      const manifest = await registry.manifest(name, version);
      if (manifest === undefined) continue;
      const { algorithm, rows, trainMs, bytes, metrics, gates, createdAt } = manifest;
      const swap = (await registry.records(name, version)).findLast(({ kind }) => kind === 'swap');
      const movedAt = wentLive.get(version);
      figures.push({
        name,
        version,
        algorithm,
        rows,
        trainMs,
        bytes,
        metrics,
        gates,
        createdAt,
        baselineCheck:
          swap === undefined ? 'never tried' : swap.outcome === 'passed' ? 'passed' : `rejected: ${swap.reason}`,
        swappedAt: movedAt === undefined ? null : new Date(movedAt).toISOString(),
      });
    }
  }
  return figures
    .sort((left, right) => left.createdAt - right.createdAt)
    .map(({ createdAt: _createdAt, ...rest }) => rest);
}
