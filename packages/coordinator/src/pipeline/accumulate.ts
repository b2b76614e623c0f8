// The types that accumulate from call to call. They work on row types (plain objects), never on schemas: an editor then
// shows `{ readonly id: string; readonly ageHours: number }`, and a stage written for two fields fits every wider row.

type KeysOfAny<Union> = Union extends unknown ? keyof Union : never;
type ValueInAny<Union, Name> = Union extends Readonly<Record<Name & PropertyKey, infer Value>> ? Value : never;

/** Parallel additions side by side, as one flat type. */
export type Together<Union> = { readonly [Name in KeysOfAny<Union>]: ValueInAny<Union, Name> } & {};

/** Rows of several sources stacked: a column that some source does not have may be null. */
export type Stacked<Union> = {
  readonly [Name in KeysOfAny<Union>]: Name extends keyof Union
    ? ValueInAny<Union, Name>
    : ValueInAny<Union, Name> | null;
} & {};

/** A sentence in place of a type, because the compiler prints it. */
export type NoRepeat<Name> = [Name] extends [never]
  ? unknown
  : { readonly columns: `Column "${Name & string}" exists already: rename it` };

type Lacking<Item, Row> = {
  [Name in keyof Item]: Name extends keyof Row ? never : null extends Item[Name] ? never : Name;
}[keyof Item];

/** Refuses a fallback source whose rows could not stand beside the candidates. */
export type FitsBeside<Item, Row> = [Lacking<Item, Row>] extends [never]
  ? [Exclude<keyof Row, keyof Item>] extends [never]
    ? unknown
    : { readonly columns: `No source has a column "${Exclude<keyof Row, keyof Item> & string}": leave it out` }
  : { readonly columns: `A fallback source needs a column "${Lacking<Item, Row> & string}", as every source has one` };
