import { type Clock, MilongaError, type ModelManifest, type ModelRegistry } from '@milonga/core';

/** What the gates made of a registered version. */
export interface CandidateVerdict {
  readonly outcome: 'candidate' | 'rejected';
  readonly reason: string;
}

const ATTEMPTS = 5;

/**
 * Puts the verdict of the gates on record, and names the version as candidate if all passed. Then it is the predictor's
 * turn, whose gate the version must pass to take traffic.
 */
export async function nameCandidate(
  { model, version, gates, metrics }: ModelManifest,
  live: { readonly version: string; readonly metrics: Readonly<Record<string, number>> } | undefined,
  registry: ModelRegistry,
  clock: Clock,
  why: string,
): Promise<CandidateVerdict> {
  const failed = gates.filter(({ passed }) => !passed);
  const reason =
    failed.length > 0
      ? failed.map(({ gate, reason: found }) => `${gate}: ${found}`).join(' ')
      : gates.length === 0
        ? 'It has no gates.'
        : `All ${gates.length} gates passed.`;
  const outcome = failed.length > 0 ? 'rejected' : 'passed';
  const details = { gates, metrics, ...(live === undefined ? {} : { live }) };
  await registry.record({ model, version, kind: 'gate', outcome, reason, at: clock.now(), details });
  if (failed.length > 0) return { outcome: 'rejected', reason };
  await moveCandidate(model, version, `${why}: ${reason}`, registry);
  return { outcome: 'candidate', reason };
}

/** Somebody may promote by hand at the same moment: the later word holds, so the alias is read again and moved again. */
async function moveCandidate(model: string, version: string, reason: string, registry: ModelRegistry): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const expectedRevision = (await registry.alias(model, 'candidate'))?.revision ?? 0;
    try {
      await registry.moveAlias({ model, alias: 'candidate', version, expectedRevision, by: 'train', reason });
      return;
    } catch (error) {
      const isConflict = MilongaError.isInstance(error) && error.code === 'MILONGA_REGISTRY_CONFLICT';
      if (!isConflict || attempt === ATTEMPTS) throw error;
    }
  }
}
