import { MilongaError } from '@milonga/core';

/** Items by number, and their numbers by id. Ids ascend, so that ties by number are ties by id. */
export interface ItemIndex {
  readonly ids: readonly string[];
  numberOf(id: string): number | undefined;
  /** Memory held, in bytes, about. */
  readonly bytes: number;
}

/** @throws MilongaError `MILONGA_ARTIFACT_CORRUPT` when an id comes twice. */
export function itemIndex(ids: readonly string[]): ItemIndex {
  const numbers = new Map(ids.map((id, number) => [id, number]));
  if (numbers.size !== ids.length)
    throw new MilongaError('MILONGA_ARTIFACT_CORRUPT', 'The item ids of a model are not distinct.');
  return {
    ids,
    numberOf: (id) => numbers.get(id),
    bytes: ids.reduce((sum, id) => sum + 2 * id.length + 64, 0),
  };
}
