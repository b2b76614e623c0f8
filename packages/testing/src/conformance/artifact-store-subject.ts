import type { ArtifactInfo, ArtifactStore } from '@milonga/core';

/** What the parts of the suite share. */
export interface ArtifactStoreSubject {
  readonly one: () => ArtifactStore;
  readonly other: () => ArtifactStore;
}

/** Everything that a prefix lists. */
export async function listed(store: ArtifactStore, prefix: string): Promise<readonly ArtifactInfo[]> {
  const all: ArtifactInfo[] = [];
  for await (const info of store.list(prefix)) all.push(info);
  return all;
}
