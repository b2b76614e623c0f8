import { describeType } from './describe-type.ts';
import type { ValueKind, ValueType } from './value-type.ts';

/** Takes a finding; `at` is the position inside a vector or list. */
export type Report = (expected: string, found: string, at?: number) => void;

/** Gives the value as it will be stored, or reports and gives anything. Never sees null or undefined. */
export type ValueCheck = (input: unknown, report: Report) => unknown;

/** The outermost moments of `Date` (ECMA-262, 21.4.1.1), and so of a timestamp. */
export const MOST_TIMESTAMP = 8_640_000_000_000_000;

/** ISO 8601 as RFC 3339 profiles it: date, time and a zone. Without a zone a moment would depend on the machine. */
const MOMENT = /^[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

const checkString: ValueCheck = (input, report) => {
  if (typeof input !== 'string') report('string', describeFound(input));
  else if (!input.isWellFormed()) report('well-formed Unicode', 'a string with a lone surrogate');
  return input;
};

const checkInt32: ValueCheck = (input, report) => {
  if (typeof input !== 'number' || (input | 0) !== input) report('int32', describeFound(input));
  return Object.is(input, -0) ? 0 : input;
};

const checkFloat64: ValueCheck = (input, report) => {
  if (!Number.isFinite(input)) report('finite float64', describeFound(input));
  return input;
};

const checkFloat32: ValueCheck = (input, report) => {
  const rounded = typeof input === 'number' ? Math.fround(input) : Number.NaN;
  if (!Number.isFinite(rounded)) report('finite float32', describeFound(input));
  return rounded;
};

const checkBoolean: ValueCheck = (input, report) => {
  if (typeof input !== 'boolean') report('boolean', describeFound(input));
  return input;
};

const EXPECTED_MOMENT = 'timestamp (whole Unix ms, or ISO 8601 with a zone)';

const checkTimestamp: ValueCheck = (input, report) => {
  let at = input;
  if (input instanceof Date) at = input.getTime();
  else if (typeof input === 'string' && MOMENT.test(input)) at = Date.parse(input);
  if (!Number.isInteger(at) || Math.abs(at as number) > MOST_TIMESTAMP) report(EXPECTED_MOMENT, describeFound(input));
  return Object.is(at, -0) ? 0 : at;
};

const checkEnumeration = (type: ValueType): ValueCheck => {
  const members = new Set<unknown>(type.categories);
  return (input, report) => {
    if (!members.has(input)) report(describeType({ ...type, isNullable: false }), describeFound(input));
    return input;
  };
};

const checkVector = ({ width }: ValueType): ValueCheck => {
  const expected = `vector(${width})`;
  return (input, report) => {
    if (!(input instanceof Float32Array) && !Array.isArray(input)) return report(expected, describeFound(input));
    if (input.length !== width) return report(expected, `${input.length} elements`);
    const vector = input instanceof Float32Array ? input : new Float32Array(width);
    for (let at = 0; at < width; at += 1) {
      const element: unknown = input[at];
      const rounded = typeof element === 'number' ? Math.fround(element) : Number.NaN;
      if (!Number.isFinite(rounded)) return report('finite float32', describeFound(element), at);
      vector[at] = rounded;
    }
    return vector;
  };
};

const checkList = ({ element }: ValueType): ValueCheck => {
  const check = checkOf(element as ValueType);
  const expected = (element as ValueType).kind;
  return (input, report) => {
    if (!Array.isArray(input)) return report(`list(${expected})`, describeFound(input));
    return Array.from(input as readonly unknown[], (item, at) => {
      if (item === null || item === undefined) return report(expected, describeFound(item), at);
      return check(item, (wanted, found) => report(wanted, found, at));
    });
  };
};

const makers: Readonly<Record<ValueKind, (type: ValueType) => ValueCheck>> = {
  string: () => checkString,
  int32: () => checkInt32,
  float32: () => checkFloat32,
  float64: () => checkFloat64,
  boolean: () => checkBoolean,
  timestamp: () => checkTimestamp,
  enumeration: checkEnumeration,
  vector: checkVector,
  list: checkList,
};

/** The check of a type's values; nulls are the caller's. */
export const checkOf = (type: ValueType): ValueCheck => makers[type.kind](type);

/** What somebody sent, in a few words: its type, and the beginning of it where that helps. */
export function describeFound(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string')
    return `string ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`;
  if (Array.isArray(value) || value instanceof Float32Array) return `array of ${value.length}`;
  if (value instanceof Date) return 'Date';
  if (typeof value === 'object') return 'object'; // its constructor may be anything: it came from outside
  if (typeof value === 'function' || typeof value === 'symbol') return typeof value;
  return `${typeof value} ${String(value).slice(0, 40)}`;
}
