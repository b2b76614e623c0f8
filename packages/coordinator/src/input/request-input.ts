import { type Fields, type JsonSchema, MilongaError, toJsonSchema, type ValueType, validate } from '@milonga/core';
import type { Range } from '../pipeline/pipeline-options.ts';

/** Longest string and list of a request, unless a range says otherwise. */
const MOST_CHARACTERS = 256;
const MOST_ELEMENTS = 1_000;
/** Largest slate, unless a range says otherwise. */
const MOST_ITEMS = 1_000;

/** The fields of a request with their defaults and ranges. */
export class RequestInput {
  readonly fields: Fields;
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly #pipeline: string;
  readonly #ranges: readonly (readonly [name: string, least: number, most: number, what: string])[];

  /** @throws MilongaError `MILONGA_DEFINITION_INVALID` when a default or a range does not fit its field. */
  constructor(
    pipeline: string,
    fields: Fields,
    defaults: Readonly<Record<string, unknown>>,
    ranges: Readonly<Record<string, Range | undefined>>,
  ) {
    this.#pipeline = pipeline;
    this.fields = fields;
    this.defaults = Object.freeze({ ...defaults });
    for (const name of [...Object.keys(defaults), ...Object.keys(ranges)]) {
      if (fields[name] === undefined)
        throw this.#invalid(`"${name}" has a default or a range but is not one of its input fields`);
    }
    this.#ranges = Object.entries(fields).flatMap(([name, type]) => {
      const range = ranges[name] ?? rangeByDefault(name, type);
      const what = whatIsCounted(type);
      if (range === undefined) return [];
      if (what === undefined) throw this.#invalid(`field "${name}" is a ${type.kind}, which has no range`);
      if (!(range[0] <= range[1])) throw this.#invalid(`the range of "${name}" is empty: ${range[0]} to ${range[1]}`);
      return [[name, range[0], range[1], what] as const];
    });
    for (const name of Object.keys(defaults)) {
      const alone = validate({ [name]: fields[name]! }, { [name]: defaults[name] });
      const issue = alone.issues?.[0]?.message ?? this.#outOfRange({ [name]: defaults[name] })[0]?.message;
      if (issue !== undefined) throw this.#invalid(`the default of an input field is not valid: ${issue}`);
    }
  }

  /** @throws MilongaError `MILONGA_REQUEST_INVALID` with every issue. */
  check(value: unknown): Readonly<Record<string, unknown>> {
    const given =
      typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...this.defaults, ...value } : value;
    const result = validate(this.fields, given);
    const issues = result.issues ?? this.#outOfRange(result.value);
    if (issues.length === 0) return Object.freeze(result.value!);
    throw new MilongaError(
      'MILONGA_REQUEST_INVALID',
      `The request to pipeline "${this.#pipeline}" is not valid: ${issues[0]!.message}${issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''}.`,
      { issues },
    );
  }

  /** For the OpenAPI document. */
  jsonSchema(): JsonSchema {
    const schema = toJsonSchema(this.fields) as { properties: Record<string, object>; required: readonly string[] };
    const ranges = new Map(this.#ranges.map((range) => [range[0], range]));
    const properties = Object.entries(schema.properties).map(([name, property]) => {
      const range = ranges.get(name);
      return [
        name,
        {
          ...property,
          ...(range === undefined ? {} : limitsOf(range[3], range[1], range[2])),
          ...(name in this.defaults ? { default: this.defaults[name] } : {}),
        },
      ];
    });
    return {
      ...schema,
      properties: Object.fromEntries(properties),
      required: schema.required.filter((name) => !(name in this.defaults)),
    };
  }

  #outOfRange(
    row: Readonly<Record<string, unknown>>,
  ): readonly { readonly path: readonly string[]; readonly message: string }[] {
    return this.#ranges.flatMap(([name, least, most, what]) => {
      const value = row[name];
      if (value === null || value === undefined) return [];
      const size = typeof value === 'number' ? value : (value as { readonly length: number }).length;
      if (size >= least && size <= most) return [];
      return [{ path: [name], message: `${name}: expected ${what} from ${least} to ${most}, found ${size}` }];
    });
  }

  #invalid(why: string): MilongaError {
    return new MilongaError('MILONGA_DEFINITION_INVALID', `Pipeline "${this.#pipeline}" cannot be defined: ${why}.`);
  }
}

function whatIsCounted({ kind }: ValueType): string | undefined {
  if (kind === 'string') return 'a number of characters';
  if (kind === 'list') return 'a number of elements';
  return kind === 'int32' || kind === 'float32' || kind === 'float64' || kind === 'timestamp' ? 'a number' : undefined;
}

function rangeByDefault(name: string, { kind }: ValueType): Range | undefined {
  if (kind === 'string') return [0, MOST_CHARACTERS];
  if (kind === 'list') return [0, MOST_ELEMENTS];
  return name === 'limit' && kind === 'int32' ? [1, MOST_ITEMS] : undefined;
}

function limitsOf(what: string, least: number, most: number): JsonSchema {
  if (what === 'a number of characters') return { minLength: least, maxLength: most };
  if (what === 'a number of elements') return { minItems: least, maxItems: most };
  return { minimum: least, maximum: most };
}
