import { type AliasEntry, MilongaError, type ModelRegistry, type VersionRecord } from '@milonga/core';

/** Times that a race for the alias is tried again. Each loss means that somebody else has moved it. */
const MOST_TRIES = 10;

/**
 * Moves `live` to the version of `entry`, unless it is there already. Several processes may come to the same verdict: one
 * of them moves the alias, the others find it moved.
 *
 * @returns false when somebody decided on `entry` before and the version was replaced since: it must not come back.
 */
export async function claimLive(registry: ModelRegistry, entry: AliasEntry, by: string): Promise<boolean> {
  const { model, alias, revision, version } = entry;
  for (let tries = 1; ; tries += 1) {
    const history = await registry.history(model, 'live');
    const current = history.at(-1);
    if (current?.version === version) return true;
    if (isFollowed(history, entry)) return false;
    try {
      await registry.moveAlias({
        model,
        alias: 'live',
        version,
        expectedRevision: current?.revision ?? 0,
        by,
        reason: `Passed the swap gate as ${alias}.`,
        follows: { alias, revision },
      });
      return true;
    } catch (error) {
      const isConflict = MilongaError.isInstance(error) && error.code === 'MILONGA_REGISTRY_CONFLICT';
      if (!isConflict || tries === MOST_TRIES) throw error;
    }
  }
}

/**
 * True when this very naming of a candidate was decided on before, here or in another process. A restart reads the alias
 * anew: a candidate that was refused, or that went live and was rolled back since, must not come back by itself. Whoever
 * wants it back names it again.
 */
export async function isDecided(registry: ModelRegistry, entry: AliasEntry): Promise<boolean> {
  if (entry.version === undefined) return true;
  if (isFollowed(await registry.history(entry.model, 'live'), entry)) return true;
  return (await registry.records(entry.model, entry.version)).some((record) => decides(record, entry));
}

/** True for the record of a verdict on this very move of an alias. */
export function decides({ kind, details }: VersionRecord, { alias, revision }: AliasEntry): boolean {
  const decided = details?.decides as Partial<AliasEntry> | undefined;
  return kind === 'swap' && decided?.alias === alias && decided.revision === revision;
}

const isFollowed = (history: readonly AliasEntry[], { alias, revision }: AliasEntry): boolean =>
  history.some(({ follows }) => follows?.alias === alias && follows.revision === revision);
