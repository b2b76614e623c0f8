import { type Fields, float64, list, string } from '@milonga/core';
import type { InteractionColumns } from '../interactions/interaction-options.ts';

/** Columns that a model of interactions reads, with every name filled in. */
export interface ResolvedColumns {
  readonly item: string;
  readonly history: string;
  readonly weights: string | undefined;
}

/** Fills in the defaults. */
export const resolveColumns = ({
  item = 'id',
  history = 'history',
  weights,
}: InteractionColumns = {}): ResolvedColumns => ({
  item,
  history,
  weights,
});

/** What a frame must have to find items for a user. */
export const retrievalFields = ({ history, weights }: ResolvedColumns): Fields => ({
  [history]: list(string()),
  ...(weights === undefined ? {} : { [weights]: list(float64()) }),
});

/** What a frame must have to score an item for a user. */
export const scoringFields = (columns: ResolvedColumns): Fields => ({
  [columns.item]: string(),
  ...retrievalFields(columns),
});
