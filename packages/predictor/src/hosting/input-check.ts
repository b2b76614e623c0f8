import { describeType, type Fields, type Frame, type Layout, MilongaError, type ValueType } from '@milonga/core';

/**
 * Holds frames against the columns that a model reads. A layout is looked at once: requests of a pipeline share one.
 *
 * Whether a value may be null is the model's business: a row that it knows nothing about gets its neutral score.
 */
export class InputCheck {
  readonly #model: string;
  readonly #inputs: readonly (readonly [name: string, type: ValueType])[];
  readonly #known = new WeakSet<Layout>();

  constructor(model: string, inputs: Fields) {
    this.#model = model;
    this.#inputs = Object.entries(inputs);
  }

  /** @throws MilongaError `MILONGA_MODEL_INCOMPATIBLE` when the frame lacks a column, or has it with other values. */
  check({ layout }: Frame): void {
    if (this.#known.has(layout)) return;
    for (const [name, wanted] of this.#inputs) {
      const found = layout.schema[name];
      if (found !== undefined && valuesOf(found) === valuesOf(wanted)) continue;
      throw new MilongaError(
        'MILONGA_MODEL_INCOMPATIBLE',
        `Model "${this.#model}" reads the column "${name}" (${valuesOf(wanted)}); the frame ${found === undefined ? `has no such column, but ${layout.names.join(', ') || 'none'}` : `has it as ${valuesOf(found)}`}.`,
      );
    }
    this.#known.add(layout);
  }
}

/** The type as text, nullable or not. */
const valuesOf = (type: ValueType): string => describeType(type).replace(/^nullable\((.*)\)$/s, '$1');
