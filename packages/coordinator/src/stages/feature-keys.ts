import { type FeatureViewShape, MilongaError } from '@milonga/core';

/** Views of one entity, to be read in one request. */
export interface EntityViews {
  readonly entity: FeatureViewShape['entity'];
  readonly views: readonly FeatureViewShape[];
}

/** Puts views of one entity together, in order of first appearance. */
export function byEntity(views: readonly FeatureViewShape[]): readonly EntityViews[] {
  const groups = new Map<string, { entity: FeatureViewShape['entity']; views: FeatureViewShape[] }>();
  for (const view of views) {
    const group = groups.get(view.entity.name);
    if (group === undefined) groups.set(view.entity.name, { entity: view.entity, views: [view] });
    else group.views.push(view);
  }
  return [...groups.values()];
}

/** Where the parts of an entity's key come from, by name of the part: a field of the query, or `id`. */
export type KeyMapping = Readonly<Record<string, string>>;

/** The value of a key part in the query; `undefined` when the part is the candidate's id. */
export function partOfQuery(part: string, query: object, mapping: KeyMapping): string | undefined {
  const field = mapping[part] ?? part;
  if (field === 'id' || !(field in query)) return undefined;
  return textOf(field, (query as Readonly<Record<string, unknown>>)[field]);
}

function textOf(field: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw new MilongaError(
    'MILONGA_REQUEST_INVALID',
    `Query field "${field}" is part of a feature key and must be a string or a number; found ${value === null ? 'null' : typeof value}.`,
  );
}

/** Name of a stage that reads views. */
export const nameOf = (views: readonly FeatureViewShape[]): string => views.map((view) => view.name).join('+');
