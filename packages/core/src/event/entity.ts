import { MilongaError } from '../errors/milonga-error.ts';

/** A thing that has features: a user, an item, or a pair of them. */
export interface Entity<Keys extends readonly string[] = readonly string[]> {
  readonly kind: 'entity';
  readonly name: string;
  /** Names of the parts of its key, in order: one for a thing, two or more for a pair. */
  readonly keys: Keys;
}

/**
 * Defines an entity. Its key has one part, or several for a pair.
 *
 * @example
 * ```ts
 * const customer = entity('customer', 'customerId');
 * const customerItem = entity('customer-item', 'customerId', 'stockCode');
 * ```
 */
export function entity<const Keys extends readonly [string, ...string[]]>(name: string, ...keys: Keys): Entity<Keys> {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `Entity "${name}" cannot be defined: its name must match [a-z][a-z0-9-]*.`,
    );
  }
  if (new Set(keys).size !== keys.length) {
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `Entity "${name}" cannot be defined: a key part is named twice in ${keys.join(', ')}.`,
    );
  }
  return Object.freeze({ kind: 'entity', name, keys });
}
