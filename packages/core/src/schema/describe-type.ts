import { MilongaError } from '../errors/milonga-error.ts';
import type { Fields, ValueType } from './value-type.ts';

const known = new WeakMap<ValueType, string>();

/** The text of a type, nullable or not. Types are asked for it again and again, so it is kept. */
function describeValues(type: ValueType): string {
  let text = known.get(type);
  if (text === undefined) {
    text = describeKind(type);
    known.set(type, text);
  }
  return text;
}

function describeKind({ kind, width, element, categories = [] }: ValueType): string {
  if (kind === 'vector') return `vector(${width})`;
  if (kind === 'list') return `list(${element === undefined ? '' : describeType(element)})`;
  if (kind === 'enumeration') return `enumeration(${categories.map((name) => JSON.stringify(name)).join(', ')})`;
  return kind;
}

/**
 * A value type as text, as one would write it: `nullable(list(string))`. Two types are the same when their texts are.
 *
 * Messages and fingerprints are made of it, so the text of a type never changes.
 */
export function describeType(type: ValueType): string {
  const text = describeValues(type);
  return type.isNullable ? `nullable(${text})` : text;
}

/** True when both describe the same values in the same memory, whether or not one of them may be null. */
export const isSameKind = (left: ValueType, right: ValueType): boolean =>
  left === right || (left.kind === right.kind && describeValues(left) === describeValues(right));

/** True when both describe the same values in the same memory. */
export const isSameType = (left: ValueType, right: ValueType): boolean =>
  left.isNullable === right.isNullable && isSameKind(left, right);

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
