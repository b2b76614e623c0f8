import { type Frame, type LoadedModel, type ModelDefinition, messageOf } from '@milonga/core';
import { checkRetrieved } from '../hosting/check-answers.ts';
import { pause } from './patience.ts';
import type { SwapCheck } from './swap-report.ts';

const ROWS = 8;
const LIMIT = 20;

/** A model that proposes items must do so for a few rows of the baseline: whole, within the limit, with finite scores. */
export async function checkRetrieval(
  { name, canRetrieve }: ModelDefinition,
  inputs: Frame,
  loaded: LoadedModel,
  signal: AbortSignal,
): Promise<SwapCheck> {
  if (!canRetrieve) return verdict(true, 'The model only scores.', {});
  if (loaded.retrieve === undefined) return verdict(false, 'It cannot propose items; the definition promises it.', {});
  let items = 0;
  for (let row = 0; row < Math.min(ROWS, inputs.length); row += 1) {
    await pause(signal);
    const found = loaded.retrieve(inputs.slice(row, row + 1), LIMIT);
    try {
      checkRetrieved(name, 1, found);
    } catch (error) {
      return verdict(false, messageOf(error), { row });
    }
    if (found.ids.length > LIMIT)
      return verdict(false, `It proposed ${found.ids.length} items where ${LIMIT} were asked for.`, { row });
    if (!found.scores.every(Number.isFinite))
      return verdict(false, `It proposed items for row ${row} with scores that are not finite.`, { row });
    items += found.ids.length;
  }
  return verdict(true, `${items} items proposed for ${Math.min(ROWS, inputs.length)} rows.`, { items });
}

const verdict = (passed: boolean, reason: string, figures: SwapCheck['figures']): SwapCheck => ({
  check: 'retrieval',
  passed,
  reason,
  figures,
});
