import { MilongaError, type ModelDefinition, ModelRegistry, type Recommender } from '@milonga/core';
import type { Printer } from '../output/printer.ts';
import { table } from '../output/table.ts';
import { withPorts } from './with-ports.ts';

/** `milonga models list`: every version of every model, with its gates and what became of it. */
export async function listModels(recommender: Recommender, printer: Printer): Promise<void> {
  const rows = await withPorts(recommender, async (running) => {
    const registry = await running.get(ModelRegistry);
    const found: {
      model: string;
      version: string;
      createdAt: number;
      aliases: string[];
      metrics: Readonly<Record<string, number>>;
      bytes: number;
      rejected: string | undefined;
    }[] = [];
    for (const { name } of recommender.models) {
      const [live, candidate] = await Promise.all([registry.alias(name, 'live'), registry.alias(name, 'candidate')]);
      for (const version of await registry.versions(name)) {
        const manifest = await registry.manifest(name, version);
        if (manifest === undefined) continue;
        const aliases = [live, candidate].flatMap((entry) => (entry?.version === version ? [entry.alias] : []));
        const rejected = (await registry.records(name, version)).findLast(
          (record) => record.outcome === 'rejected',
        )?.reason;
        found.push({
          model: name,
          version,
          createdAt: manifest.createdAt,
          aliases,
          metrics: manifest.metrics,
          bytes: manifest.bytes,
          rejected,
        });
      }
    }
    return found;
  });
  printer.result(rows, () =>
    rows.length === 0
      ? 'No model has a version yet. `milonga train <model>` trains one.'
      : table(
          ['model', 'version', 'created', 'alias', 'metrics', 'KiB', 'rejected because'],
          rows.map((row) => [
            row.model,
            row.version,
            new Date(row.createdAt).toISOString().slice(0, 16),
            row.aliases.join(' '),
            Object.entries(row.metrics)
              .map(([name, value]) => `${name} ${value.toPrecision(4)}`)
              .join(', '),
            Math.round(row.bytes / 1_024),
            row.rejected,
          ]),
        ),
  );
}

const modelNamed = (recommender: Recommender, name: string): ModelDefinition => {
  const model = recommender.models.find((one) => one.name === name);
  if (model !== undefined) return model;
  throw new MilongaError(
    'MILONGA_MODEL_UNKNOWN',
    `No model is named "${name}". Defined: ${recommender.models.map((one) => one.name).join(', ') || 'none'}.`,
  );
};

/** `milonga models promote`: names a version as candidate; running predictors take it through the swap gate. */
export async function promote(
  recommender: Recommender,
  model: string,
  version: string,
  reason: string,
  printer: Printer,
): Promise<void> {
  modelNamed(recommender, model);
  const entry = await withPorts(recommender, async (running) => {
    const registry = await running.get(ModelRegistry);
    const current = await registry.alias(model, 'candidate');
    return registry.moveAlias({
      model,
      alias: 'candidate',
      version,
      expectedRevision: current?.revision ?? 0,
      by: 'cli',
      reason,
    });
  });
  printer.result(
    entry,
    () =>
      `"${model}" ${version} is the candidate now (revision ${entry.revision}); predictors let it in when it passes their gate.`,
  );
}

/** `milonga models rollback`: moves `live` back to the version before, or to a named one that was live earlier. */
export async function rollback(
  recommender: Recommender,
  model: string,
  version: string | undefined,
  reason: string,
  printer: Printer,
): Promise<void> {
  modelNamed(recommender, model);
  const entry = await withPorts(recommender, async (running) => {
    const registry = await running.get(ModelRegistry);
    const history = await registry.history(model, 'live');
    const now = history.at(-1);
    const earlier = history
      .filter((move) => move.version !== now?.version && (version === undefined || move.version === version))
      .at(-1);
    if (earlier?.version === undefined) {
      throw new MilongaError(
        'MILONGA_MODEL_VERSION_UNKNOWN',
        version === undefined
          ? `Model "${model}" has no earlier live version to go back to.`
          : `Version "${version}" of model "${model}" was never live; \`milonga models promote\` takes it through the gate.`,
      );
    }
    return registry.moveAlias({
      model,
      alias: 'live',
      version: earlier.version,
      expectedRevision: now?.revision ?? 0,
      by: 'cli',
      reason,
    });
  });
  printer.result(entry, () => `"${model}" is back on ${entry.version} (revision ${entry.revision}).`);
}
