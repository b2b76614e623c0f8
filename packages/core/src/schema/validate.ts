import type { ErrorIssue } from '../errors/milonga-error.ts';
import { checkFieldNames } from './describe-type.ts';
import { checkOf, describeFound, type Report, type ValueCheck } from './value-check.ts';
import type { Fields, Row, ValueType } from './value-type.ts';

/** One finding: where, what was expected, what was found, and both as a sentence. */
export interface ValidationIssue extends ErrorIssue {
  readonly expected: string;
  readonly found: string;
}

/** A row as declared, or everything that is wrong with it. */
export type Validation<F extends Fields> =
  | { readonly value: Row<F>; readonly issues?: undefined }
  | { readonly value?: undefined; readonly issues: readonly ValidationIssue[] };

/** What {@link validate} does beyond the types. */
export interface ValidateOptions {
  /** What to do with a field that is not declared. Default: 'reject'. */
  readonly unknownFields?: 'reject' | 'strip';
}

/** Findings are bounded: a hostile input cannot make an endless list of them. */
const MOST_ISSUES = 32;

interface Compiled {
  readonly names: readonly string[];
  readonly checks: readonly ValueCheck[];
  readonly types: readonly ValueType[];
  readonly declared: ReadonlySet<string>;
}

const known = new WeakMap<Fields, Compiled>();

function compile(fields: Fields): Compiled {
  let compiled = known.get(fields);
  if (compiled === undefined) {
    checkFieldNames(fields);
    const names = Object.keys(fields);
    const types = Object.values(fields);
    compiled = { names, types, checks: types.map(checkOf), declared: new Set(names) };
    known.set(fields, compiled);
  }
  return compiled;
}

/**
 * Checks a value from outside against fields. Use it at every border; inside, types are trusted.
 *
 * Nothing is coerced, with two exceptions that lose nothing: a timestamp may be whole Unix ms, an ISO 8601 string with a
 * zone, or a `Date`; a vector may be an array of numbers. Strings must be well-formed Unicode, numbers finite, an int32
 * an integer in range; a float32 comes back rounded to single precision, as it will be stored. A missing nullable field
 * is null. At most 32 issues are reported. Never throws for a bad value.
 *
 * @example
 * ```ts
 * const result = validate({ coins: int32() }, { coins: '5' });
 * result.issues?.[0]?.message; // 'coins: expected int32, found string "5"'
 * ```
 */
export function validate<F extends Fields>(fields: F, value: unknown, options: ValidateOptions = {}): Validation<F> {
  const { names, types, checks, declared } = compile(fields);
  const issues: ValidationIssue[] = [];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { issues: [issueOf([], 'an object', describeFound(value))] };
  }
  const from = value as Readonly<Record<string, unknown>>;
  const row: Record<string, unknown> = {};
  let name = '';
  const report: Report = (expected, found, at) => {
    if (issues.length < MOST_ISSUES) issues.push(issueOf(at === undefined ? [name] : [name, at], expected, found));
  };
  for (let slot = 0; slot < names.length; slot += 1) {
    name = names[slot] as string;
    const input = Object.hasOwn(from, name) ? from[name] : undefined;
    if (input === undefined || input === null) {
      if ((types[slot] as ValueType).isNullable) row[name] = null;
      else report((types[slot] as ValueType).kind, input === null ? 'null' : 'nothing');
    } else row[name] = (checks[slot] as ValueCheck)(input, report);
  }
  if (options.unknownFields !== 'strip') {
    for (const key of Object.keys(from)) {
      if (declared.has(key)) continue;
      if (issues.length >= MOST_ISSUES) break;
      issues.push(issueOf([key.slice(0, 80)], 'no such field', describeFound(from[key])));
    }
  }
  return issues.length === 0 ? { value: row as Row<F> } : { issues };
}

const issueOf = (path: readonly (string | number)[], expected: string, found: string): ValidationIssue => ({
  path,
  expected,
  found,
  message: `${path.length === 0 ? '' : `${path.join('.')}: `}expected ${expected}, found ${found}`,
});
