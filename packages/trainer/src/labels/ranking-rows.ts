import { type Column, type Fields, Frame, MilongaError, toArrowStream } from '@milonga/core';
import { type NegativeSampling, thinNegatives } from '../logistic-ranker/negatives.ts';
import type { RankingData } from '../worker/training-data.ts';
import type { ChosenGroup } from './label-groups.ts';

/** Collects the candidates of groups, reduced at once to what the ranker reads and to the rows that are kept. */
export class RankingRows {
  readonly #model: string;
  readonly #inputs: Fields;
  readonly #names: readonly string[];
  readonly #sampling: NegativeSampling;
  #wave: Frame[] = [];
  readonly #frames: Frame[] = [];
  readonly #offsets: number[] = [0];
  readonly #labels: Uint8Array[] = [];
  readonly #weights: Float32Array[] = [];
  readonly #chosen: number[] = [];
  readonly #isHeldOut: number[] = [];

  constructor(model: string, inputs: Fields, sampling: NegativeSampling) {
    this.#model = model;
    this.#inputs = inputs;
    this.#names = Object.keys(inputs);
    this.#sampling = sampling;
  }

  add(group: ChosenGroup, candidates: Frame): void {
    this.#checkInputs(candidates);
    const label = labelsOf(candidates, group.items);
    const kept = group.isHeldOut ? undefined : thinNegatives(label, group.group, this.#sampling);
    const rows = candidates.select(this.#names);
    this.#wave.push(kept === undefined ? rows : rows.take(kept.rows));
    this.#labels.push(kept === undefined ? label : Uint8Array.from(kept.rows, (row) => label[row]!));
    this.#weights.push(kept?.weights ?? new Float32Array(label.length).fill(1));
    this.#offsets.push(this.#offsets.at(-1)! + (kept?.rows.length ?? label.length));
    this.#chosen.push(group.items.size);
    this.#isHeldOut.push(group.isHeldOut ? 1 : 0);
  }

  #checkInputs(candidates: Frame): void {
    for (const name of this.#names) {
      const wanted = this.#inputs[name]!;
      const found = candidates.layout.schema[name];
      if (found !== undefined && found.kind === wanted.kind) continue;
      throw new MilongaError(
        'MILONGA_MODEL_INCOMPATIBLE',
        found === undefined
          ? `Ranker "${this.#model}" reads column "${name}", which its pipeline's candidates do not have; they have ${candidates.layout.names.join(', ')}.`
          : `Ranker "${this.#model}" reads column "${name}" as ${wanted.kind}; its pipeline has it as ${found.kind}. Give the feature its type: { type: ${found.kind}() }.`,
      );
    }
  }

  /** Puts the frames since the last call together: many small ones would hold on to many large ones. */
  endWave(): void {
    if (this.#wave.length > 0) this.#frames.push(Frame.concat(this.#wave));
    this.#wave = [];
  }

  finish(): RankingData {
    this.endWave();
    const rows = this.#offsets.at(-1)!;
    const label = new Uint8Array(rows);
    const weight = new Float32Array(rows);
    for (let group = 0; group < this.#labels.length; group += 1) {
      label.set(this.#labels[group]!, this.#offsets[group]!);
      weight.set(this.#weights[group]!, this.#offsets[group]!);
    }
    return {
      kind: 'ranking',
      rows: toArrowStream(this.#frames.length === 0 ? Frame.empty(this.#inputs) : this.#frames),
      inputs: this.#inputs,
      offsets: Int32Array.from(this.#offsets),
      label,
      weight,
      chosen: Int32Array.from(this.#chosen),
      isHeldOut: Uint8Array.from(this.#isHeldOut),
    };
  }
}

/** 1 where the candidate was chosen. */
function labelsOf(candidates: Frame, items: ReadonlySet<string>): Uint8Array {
  const ids = candidates.column('id') as Column;
  const dictionary = ids.dictionary!;
  return Uint8Array.from({ length: candidates.length }, (_, row) =>
    items.has(dictionary.at(ids.values[row]!)) ? 1 : 0,
  );
}
