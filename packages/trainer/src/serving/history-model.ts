import { type Column, type Frame, type LoadedModel, MilongaError } from '@milonga/core';
import { BestOf } from '../best/best-of.ts';
import { type HistoryOptions, HistoryReader } from './history-reader.ts';
import type { ItemIndex } from './item-index.ts';

/** Turns one user's items into scores. */
export interface HistoryScorer {
  /** Takes the first `count` items of a history in; what was before is forgotten. */
  enter(items: Int32Array, weights: Float64Array, count: number): void;
  /** Score of one item for the user who was entered last. */
  scoreOf(item: number): number;
  /** Computes the scores of all items that can be proposed. @returns how many `candidates` there are. */
  rank(): number;
  readonly candidates: Int32Array;
  /** By item; valid for the candidates, after `rank`. */
  readonly scores: Float64Array;
  /** Memory held, in bytes. */
  readonly bytes: number;
}

/** How a {@link HistoryModel} reads frames and answers. */
export interface HistoryModelOptions extends HistoryOptions {
  /** Column with the id of the item to score. */
  readonly item: string;
  readonly output: string;
  /** Whether `retrieve` may propose items of the history. */
  readonly retrieveHistory: boolean;
}

/**
 * A version that scores items for users known by their history alone: new users, and purchases of a minute ago, count like
 * all others. What it knows nothing about scores 0.
 */
export class HistoryModel implements LoadedModel {
  readonly #index: ItemIndex;
  readonly #scorer: HistoryScorer;
  readonly #options: HistoryModelOptions;
  readonly #reader: HistoryReader;
  readonly bytes: number;

  constructor(index: ItemIndex, scorer: HistoryScorer, options: HistoryModelOptions) {
    this.#index = index;
    this.#scorer = scorer;
    this.#options = options;
    this.#reader = new HistoryReader(index, options);
    this.bytes = index.bytes + scorer.bytes;
  }

  predict(rows: Frame): Readonly<Record<string, Float64Array>> {
    const { item, output } = this.#options;
    const scores = new Float64Array(rows.length);
    const ids = rows.column(item) as Column;
    const dictionary = ids.dictionary;
    if (dictionary === undefined || ids.offsets !== undefined)
      throw new MilongaError(
        'MILONGA_MODEL_INCOMPATIBLE',
        `Column "${item}" must be a string; the frame has it as ${ids.type.kind}.`,
      );
    this.#reader.open(rows);
    for (let row = 0; row < rows.length; row += 1) {
      if (this.#reader.read(row)) this.#scorer.enter(this.#reader.items, this.#reader.weights, this.#reader.count);
      const number = ids.isNull(row) ? undefined : this.#index.numberOf(dictionary.at(ids.values[row]!));
      scores[row] = number === undefined ? 0 : this.#scorer.scoreOf(number);
    }
    return { [output]: scores };
  }

  retrieve(
    rows: Frame,
    limit: number,
  ): { readonly offsets: Int32Array; readonly ids: readonly string[]; readonly scores: Float64Array } {
    const best = new BestOf(Math.max(0, Math.min(Math.trunc(limit) || 0, this.#index.ids.length)));
    const offsets = new Int32Array(rows.length + 1);
    const ids: string[] = [];
    const scores: number[] = [];
    this.#reader.open(rows);
    for (let row = 0; row < rows.length; row += 1) {
      if (this.#reader.read(row)) this.#scorer.enter(this.#reader.items, this.#reader.weights, this.#reader.count);
      this.#offerAll(best);
      best.drain((item, score) => {
        ids.push(this.#index.ids[item]!);
        scores.push(score);
      });
      offsets[row + 1] = ids.length;
    }
    return { offsets, ids, scores: Float64Array.from(scores) };
  }

  #offerAll(best: BestOf): void {
    const { retrieveHistory } = this.#options;
    const count = this.#scorer.rank();
    const { candidates, scores } = this.#scorer;
    for (let at = 0; at < count; at += 1) {
      const item = candidates[at]!;
      if (retrieveHistory || !this.#reader.holds(item)) best.offer(item, scores[item]!);
    }
  }

  dispose(): void {
    // Plain memory: the collector takes it back.
  }
}
