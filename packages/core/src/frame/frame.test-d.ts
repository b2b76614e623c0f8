// Promises of the types. Each expected error sits on the line where a user would look for it.
import {
  boolean,
  enumeration,
  float64,
  int32,
  list,
  nullable,
  type Row,
  string,
  timestamp,
  vector,
} from '../schema/index.ts';
import { Frame, FrameBuilder } from './index.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const expectType = <_Check extends true>(): void => {};
const use = (..._values: readonly unknown[]): void => {};

const item = {
  id: string(),
  ageHours: float64(),
  price: nullable(float64()),
  isLive: boolean(),
  device: enumeration('phone', 'desktop'),
};
interface Item {
  readonly id: string;
  readonly ageHours: number;
  readonly price: number | null;
  readonly isLive: boolean;
  readonly device: 'phone' | 'desktop';
}
const frame = Frame.fromRows(item, []);

// ---- what is inferred
expectType<Equal<Row<typeof item>, { [Name in keyof Item]: Item[Name] }>>();
const ages: Float64Array = frame.column('ageHours').values; // exact memory, by name
const codes: Int32Array = frame.column('id').values;
const anyFrame: Frame = frame; // code over any frame takes every frame
const fewer: Frame<{ readonly id: ReturnType<typeof string>; readonly ageHours: ReturnType<typeof float64> }> = frame; // or fewer columns
const selected = frame.select(['id', 'price']);
expectType<Equal<ReturnType<typeof selected.toRows>[number], { readonly id: string; readonly price: number | null }>>();
const wide = frame.withColumns(
  Frame.fromRows({ clicks: int32(), embedding: vector(8), seenAt: list(timestamp()) }, []),
);
wide.forEach((row) => {
  const clicks: number = row.clicks;
  const embedding: Float32Array = row.embedding;
  const seenAt: readonly number[] = row.seenAt;
  use(clicks, embedding, seenAt);
});
const renamed = frame.rename({ ageHours: 'age' });
const age: Float64Array = renamed.column('age').values;
frame.where((row: { readonly ageHours: number }) => row.ageHours < 48); // a predicate fits every wider row
const named: { readonly id: string }[] = frame.toRows(undefined, ['id']);

// ---- what must not compile
// @ts-expect-error there is no such column
frame.column('clicks');
// @ts-expect-error nobody added `clicks`
frame.where((row) => row.clicks > 0);
// @ts-expect-error a nullable column must be checked first
frame.where((row) => row.price < 10);
// @ts-expect-error 'tablet' is not a member
frame.where((row) => row.device === 'tablet');
// @ts-expect-error it has another name now
renamed.column('ageHours');
// @ts-expect-error not selected
selected.column('isLive');
// @ts-expect-error the rows must have the declared fields
Frame.fromRows({ id: string(), n: int32() }, [{ id: 'a', n: 'many' }]);
// @ts-expect-error float64 is held in a Float64Array
Frame.fromColumns({ n: float64() }, { n: new Int32Array(1) });
// @ts-expect-error codes alone have no strings
Frame.fromColumns({ id: string() }, { id: new Int32Array(1) });
// @ts-expect-error all columns are needed
Frame.fromColumns({ id: string(), n: float64() }, { id: ['a'] });
frame.forEach((row) => {
  // @ts-expect-error a row is read-only
  row.ageHours = 1;
});
// @ts-expect-error a frame without ids is no frame with ids
const withId: Frame<{ readonly id: ReturnType<typeof string> }> = Frame.fromRows({ n: int32() }, []);
// @ts-expect-error a column takes its own type
new FrameBuilder(item).column('ageHours').push('old');
// @ts-expect-error nullable of nullable says nothing more
nullable(nullable(int32()));
// @ts-expect-error a list holds strings, int32, float64 or timestamps
list(boolean());

use(ages, codes, anyFrame, age, fewer, named, withId);
