import { MilongaError } from '../errors/milonga-error.ts';
import type { Fields, ValueType } from './value-type.ts';

/**
 * A value type as text, as one would write it: `nullable(list(string))`. Two types are the same when their texts are.
 *
 * Messages and fingerprints are made of it, so the text of a type never changes.
 */
export function describeType(type: ValueType): string {
  const text = describeKind(type);
  return type.isNullable ? `nullable(${text})` : text;
}

function describeKind(type: ValueType): string {
  if (type.kind === 'vector') return `vector(${type.width})`;
  if (type.kind === 'list') return `list(${type.element === undefined ? '' : describeType(type.element)})`;
  if (type.kind === 'enumeration') return `enumeration(${(type.categories ?? []).map((name) => JSON.stringify(name)).join(', ')})`;
  return type.kind;
}

/** True when both describe the same values in the same memory. */
export const isSameType = (left: ValueType, right: ValueType): boolean =>
  left === right || describeType(left) === describeType(right);

/** True when names, order and types are the same. */
export function isSameFields(left: Fields, right: Fields): boolean {
  if (left === right) return true;
  const names = Object.keys(left);
  const others = Object.keys(right);
  return (
    names.length === others.length &&
    names.every((name, at) => name === others[at] && isSameType(left[name] as ValueType, right[name] as ValueType))
  );
}

/** Why JavaScript would not keep a name in order, or not treat it as a name; `undefined` for a good name. */
export function problemOfName(name: string): string | undefined {
  if (name !== '' && name !== '__proto__' && !/^\d+$/.test(name)) return undefined;
  return `"${name}" cannot name a field: names are not empty, not "__proto__", and not integers, which JavaScript reorders`;
}

/** Everything that compiles fields calls it. @throws MilongaError `MILONGA_DEFINITION_INVALID`. */
export function checkFieldNames(fields: Fields): void {
  for (const name of Object.keys(fields)) {
    const problem = problemOfName(name);
    if (problem !== undefined) throw new MilongaError('MILONGA_DEFINITION_INVALID', `${problem}.`);
  }
}
