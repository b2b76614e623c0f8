import { MilongaError } from '../errors/milonga-error.ts';
import { checkFieldNames, describeType } from './describe-type.ts';
import { nullable } from './factories.ts';
import type { Fields, NullableType, ValueType } from './value-type.ts';

type KeysOfAny<Union> = Union extends unknown ? keyof Union : never;
type TypeInAny<Union, Name> = Union extends unknown ? (Name extends keyof Union ? Union[Name] : never) : never;
type Nulled<Type> = Type extends ValueType & { readonly isNullable: false } ? NullableType<Type> : Type;
type AnyNull<Type> = true extends (Type extends ValueType ? Type['isNullable'] : never) ? Nulled<Type> : Type;

/** Fields of several frames on top of each other: a field that one of them lacks is nullable. */
export type Stacked<Union extends Fields> = {
  readonly [Name in KeysOfAny<Union> & string]: Name extends keyof Union
    ? AnyNull<TypeInAny<Union, Name>>
    : Nulled<TypeInAny<Union, Name>>;
} & {};

/**
 * The fields that frames with these fields have when they are put on top of each other: all names, in order of first
 * appearance; nullable where one is, or where one lacks the name.
 *
 * @throws MilongaError `MILONGA_DEFINITION_INVALID` when two of them have a name with different types.
 * @example
 * ```ts
 * stackFields([{ id: string() }, { id: string(), similarity: float64() }]); // id: string, similarity: nullable(float64)
 * ```
 */
export function stackFields<const Each extends readonly Fields[]>(each: Each): Stacked<Each[number]> {
  const stacked: Record<string, ValueType> = {};
  for (const name of new Set(each.flatMap((fields) => Object.keys(fields)))) {
    const types = each.map((fields) => fields[name]);
    const present = types.filter((type) => type !== undefined);
    const texts = new Set(present.map((type) => describeType(required(type))));
    if (texts.size > 1) {
      throw new MilongaError(
        'MILONGA_DEFINITION_INVALID',
        `Column "${name}" cannot have several types at once: found ${[...texts].join(' and ')}. Rename one of the two.`,
      );
    }
    const type = present[0] as ValueType;
    stacked[name] =
      present.length < types.length || present.some((one) => one.isNullable) ? nullable(required(type)) : type;
  }
  checkFieldNames(stacked);
  return stacked as Stacked<Each[number]>;
}

type Required = ValueType & { readonly isNullable: false };
const required = (type: ValueType): Required =>
  type.isNullable ? ({ ...type, isNullable: false } as Required) : (type as Required);
