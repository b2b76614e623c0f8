import { type Fields, MilongaError, type SqlDialect, type ValueType } from '@milonga/core';
import type { NumericType, TextType } from '../aggregates/feature.ts';

/** Names of the fields whose type is `Type`, null or not. */
export type FieldOf<F extends Fields, Type extends ValueType> = {
  readonly [Name in keyof F]: F[Name] extends Type ? Name : never;
}[keyof F] &
  string;

/** A condition on a number. */
export interface NumberCondition<Field extends string> {
  readonly field: Field;
  readonly above?: number;
  readonly below?: number;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly is?: number;
  readonly isNot?: number;
}

/** A condition on a text. */
export interface TextCondition<Field extends string> {
  readonly field: Field;
  readonly is?: string;
  readonly isNot?: string;
  readonly oneOf?: readonly string[];
}

/**
 * Which events a view takes, in a form that is evaluated alike in a stream and in SQL. Comparisons with null do not hold.
 *
 * @example `where: { field: 'quantity', above: 0 }`
 */
export type Condition<F extends Fields> =
  | NumberCondition<FieldOf<F, NumericType>>
  | TextCondition<FieldOf<F, TextType>>;

type Operand = number | string;
type Operator = 'above' | 'below' | 'atLeast' | 'atMost' | 'is' | 'isNot' | 'oneOf';

/** One comparison of a condition. */
export interface Comparison {
  readonly field: string;
  readonly operator: Operator;
  readonly operands: readonly Operand[];
}

const SQL: Readonly<Record<Operator, string>> = {
  above: '>',
  below: '<',
  atLeast: '>=',
  atMost: '<=',
  is: '=',
  isNot: '<>',
  oneOf: 'IN',
};

const HOLDS: Readonly<Record<Operator, (value: Operand, operand: Operand, operands: readonly Operand[]) => boolean>> = {
  above: (value, operand) => value > operand,
  below: (value, operand) => value < operand,
  atLeast: (value, operand) => value >= operand,
  atMost: (value, operand) => value <= operand,
  is: (value, operand) => value === operand,
  isNot: (value, operand) => value !== operand,
  oneOf: (value, _operand, operands) => operands.includes(value),
};

/** Conditions as single comparisons. @throws MilongaError `MILONGA_DEFINITION_INVALID` when one cannot be evaluated. */
export function comparisonsOf(conditions: readonly object[], fields: Fields): readonly Comparison[] {
  return conditions.flatMap((condition) => {
    const { field, ...operators } = condition as { readonly field: string } & Readonly<
      Record<string, Operand | readonly Operand[]>
    >;
    const type = fields[field];
    const wanted = type?.kind === 'string' || type?.kind === 'enumeration' ? 'string' : 'number';
    const isComparable =
      type !== undefined && ['string', 'enumeration', 'int32', 'float32', 'float64'].includes(type.kind);
    if (!isComparable)
      throw invalid(`its field "${field}" is ${type === undefined ? 'not one of the event' : `a ${type.kind}`}`);
    const comparisons = Object.entries(operators).map(([operator, operand]): Comparison => {
      const operands = [operand].flat() as readonly Operand[];
      const isKnown = operator in SQL && operands.length > 0;
      if (!isKnown || operands.some((one) => typeof one !== wanted || Number.isNaN(one))) {
        throw invalid(`"${operator}" of "${field}" must compare with a ${wanted}`);
      }
      return { field, operator: operator as Operator, operands };
    });
    if (comparisons.length === 0) throw invalid(`it says nothing about "${field}"`);
    return comparisons;
  });
}

/** True when every comparison holds for the fields of an event. */
export function holds(comparisons: readonly Comparison[], payload: Readonly<Record<string, unknown>>): boolean {
  for (const { field, operator, operands } of comparisons) {
    const value = payload[field] as Operand | null;
    if (value === null || !HOLDS[operator](value, operands[0]!, operands)) return false;
  }
  return true;
}

/** The comparison as an expression of SQL. */
export function comparisonSql({ field, operator, operands }: Comparison, dialect: SqlDialect): string {
  const literals = operands.map((operand) =>
    typeof operand === 'number' ? String(operand) : `'${operand.replaceAll("'", "''")}'`,
  );
  const right = operator === 'oneOf' ? `(${literals.join(', ')})` : literals[0];
  return `${dialect.identifier(field)} ${SQL[operator]} ${right}`;
}

const invalid = (why: string): MilongaError =>
  new MilongaError('MILONGA_DEFINITION_INVALID', `A \`where\` of a feature view cannot be evaluated: ${why}.`);
