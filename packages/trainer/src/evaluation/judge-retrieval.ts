import type { LoadedModel } from '@milonga/core';
import type { InteractionData } from '../worker/training-data.ts';
import type { TrainingTask } from '../worker/training-task.ts';
import { frameOf, holdoutUsers } from './holdout-users.ts';
import { MeanQuality } from './slate-metrics.ts';

const BATCH = 256;

/**
 * How well a model foresees what users chose in the holdout, from what they had chosen before it: mean recall and NDCG over
 * the users to judge on. A model that does not propose items of the history is judged on the new items alone.
 */
export function judgeRetrieval(model: LoadedModel, task: TrainingTask): Record<string, number> {
  const data = task.data as InteractionData;
  const proposesHistory = task.columns === undefined || task.parameters.retrieveHistory === true;
  const quality = new MeanQuality(task.cutoffs);
  const limit = Math.max(...task.cutoffs);
  const numbers = new Map(data.items.map((id, number) => [id, number]));
  const users = holdoutUsers(data);
  for (let start = 0; start < users.length; start += BATCH) {
    const batch = users.slice(start, start + BATCH);
    const frame = frameOf(task.retrievalInputs ?? {}, task.columns, '', data.items, batch);
    const { offsets, ids } = model.retrieve!(frame, limit);
    batch.forEach(({ history, chosen }, row) => {
      const before = proposesHistory ? undefined : new Set(history);
      const relevant = [...chosen].filter((item) => before?.has(item) !== true);
      if (relevant.length === 0) return;
      const wanted = new Set(relevant);
      const hits = ids.slice(offsets[row]!, offsets[row + 1]!).map((id) => (wanted.has(numbers.get(id) ?? -1) ? 1 : 0));
      quality.add(hits, relevant.length);
    });
  }
  return { ...quality.metrics(), judged: quality.count };
}
