import { MilongaError } from '@milonga/core';

/** What a number must be. */
export interface NumberRange {
  readonly least: number;
  readonly most: number;
  /** Default: false. */
  readonly isInteger?: boolean;
}

/** @throws MilongaError `MILONGA_DEFINITION_INVALID` that names the model, the parameter, the range and the finding. */
export function requireNumber(
  model: string,
  name: string,
  value: number,
  { least, most, isInteger = false }: NumberRange,
): number {
  if (typeof value === 'number' && value >= least && value <= most && (!isInteger || Number.isInteger(value)))
    return value;
  throw new MilongaError(
    'MILONGA_DEFINITION_INVALID',
    `Model "${model}": ${name} must be ${isInteger ? 'an integer' : 'a number'} from ${least} to ${most}; found ${value}.`,
  );
}
