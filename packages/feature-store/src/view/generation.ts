import type { CompiledView } from './compiled-view.ts';

/**
 * Names of everything that is stored for a view. They hold its fingerprint: a changed definition has a state of its own,
 * built from what the log still has, while processes with the old one go on serving theirs.
 */
export interface Generation {
  /** Table of the offline store. */
  readonly table: string;
  /** Consumer group that absorbs its events. */
  readonly tilesGroup: string;
  /** Topic of entities that changed. */
  readonly changedTopic: string;
  /** Consumer group that materialises. */
  readonly materialiseGroup: string;
  /** Column of the entity's online row. */
  readonly column: string;
}

/** The names of a view's generation. */
export function generationOf({ name, fingerprint }: CompiledView): Generation {
  const generation = `${name}.${fingerprint.slice(0, 8)}`;
  return {
    table: `tiles.${generation}`,
    tilesGroup: `tiles.${generation}`,
    changedTopic: `${generation}.changed`,
    materialiseGroup: `materialise.${generation}`,
    column: generation,
  };
}
