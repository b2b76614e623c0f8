import {
  type FeatureBatch,
  FeatureReader,
  type FeatureViewShape,
  type Fields,
  type Float64Type,
  Frame,
  float64,
  Layout,
  MilongaError,
  type NullableType,
  nullable,
  type ValueType,
} from '@milonga/core';
import type { Together } from '../pipeline/accumulate.ts';
import type { StrictHydrator } from '../stage/hydrator.ts';
import type { StageContext } from '../stage/stage.ts';
import { byEntity, type EntityViews, type KeyMapping, nameOf, partOfQuery } from './feature-keys.ts';

/** Fields of several views side by side. */
export type ViewFields<Views extends readonly FeatureViewShape[]> =
  Together<Views[number]['fields']> extends infer F extends Fields ? F : never;

/** Views to read, and how. */
export interface FeaturesOptions<
  Views extends readonly FeatureViewShape[],
  Ages extends Readonly<Record<string, string>>,
> {
  readonly views: Views;
  /** Name of the stage. Default: the names of the views, joined by `+`. */
  readonly name?: string;
  /** By part of an entity's key: the query field it comes from, or `id`. Default: the field of the same name, else `id`. */
  readonly keys?: KeyMapping;
  /** Columns for the age of a view's newest event in ms (null where there is none), by name of the view. Default: none. */
  readonly ages?: Ages;
}

type AgeFields<Ages extends Readonly<Record<string, string>>> = {
  readonly [Name in Ages[keyof Ages]]: NullableType<Float64Type>;
};

/**
 * Adds the features of candidates, with one read per entity however many views.
 *
 * Parts of an entity's key that are fields of the query come from there; the part that is not is the candidate's id. So a
 * view of items is read by id, a view of pairs by (query field, id), and a view of the customer gives every candidate the
 * same row. Candidates without events get the view's values for that: 0, an empty list, null.
 *
 * @example
 * ```ts
 * .hydrate(features(itemActivity, customerItemHistory))
 * .hydrate({ ...features(itemActivity), timeoutMs: 20 })
 * ```
 */
export function features<const Views extends readonly [FeatureViewShape, ...FeatureViewShape[]]>(
  ...views: Views
): StrictHydrator<object, { readonly id: string }, ViewFields<Views>>;
export function features<
  const Views extends readonly [FeatureViewShape, ...FeatureViewShape[]],
  const Ages extends Readonly<Record<string, string>> = Readonly<Record<never, string>>,
>(
  options: FeaturesOptions<Views, Ages>,
): StrictHydrator<object, { readonly id: string }, ViewFields<Views> & AgeFields<Ages>>;
export function features(
  ...given: readonly (FeatureViewShape | FeaturesOptions<readonly FeatureViewShape[], KeyMapping>)[]
): StrictHydrator<object, { readonly id: string }, Fields> {
  const options = optionsOf(given);
  const { views, name = nameOf(views), keys = {}, ages = {} } = options;
  const columns = columnsOf(views, ages);
  const groups = byEntity(views);
  return {
    name,
    needs: [FeatureReader],
    columns,
    onMissing: 'fail',
    hydrate: async (candidates, query, context) => {
      const reads = await Promise.all(groups.map((group) => readGroup(group, keys, candidates.ids(), query, context)));
      const batches = new Map(reads.flatMap((batch) => [...batch]));
      return assemble(columns, views, ages, batches, candidates.length, context.now);
    },
  };
}

function optionsOf(
  given: readonly (FeatureViewShape | FeaturesOptions<readonly FeatureViewShape[], KeyMapping>)[],
): FeaturesOptions<readonly FeatureViewShape[], KeyMapping> {
  const [first] = given;
  return first !== undefined && 'views' in first ? first : { views: given as readonly FeatureViewShape[] };
}

function columnsOf(views: readonly FeatureViewShape[], ages: KeyMapping): Fields {
  const columns: Record<string, ValueType> = {};
  const add = (name: string, type: ValueType): void => {
    if (columns[name] !== undefined)
      throw new MilongaError(
        'MILONGA_DEFINITION_INVALID',
        `Two of the views ${nameOf(views)} have a feature "${name}"; rename one of the two.`,
      );
    columns[name] = type;
  };
  for (const view of views) {
    for (const [name, type] of Object.entries(view.fields)) add(name, type);
    const age = ages[view.name];
    if (age !== undefined) add(age, nullable(float64()));
  }
  return columns;
}

/** One batch per view, one row per candidate. */
async function readGroup(
  { entity, views }: EntityViews,
  keys: KeyMapping,
  ids: readonly string[],
  query: object,
  context: StageContext,
): Promise<ReadonlyMap<string, FeatureBatch>> {
  const parts = entity.keys.map((part) => partOfQuery(part, query, keys));
  const open = entity.keys.filter((_part, at) => parts[at] === undefined);
  if (open.length > 1) {
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `Entity "${entity.name}" has the key parts ${entity.keys.join(', ')}, and the query has no field ${open.join(' nor ')}; only one of them can be the candidate's id. Map the others with \`keys\`.`,
    );
  }
  const isShared = open.length === 0;
  const rows = isShared ? 1 : ids.length;
  const read = await context.ports
    .get(FeatureReader)
    .read(
      { views, keys: parts.map((part) => (part === undefined ? ids : new Array<string>(rows).fill(part))) },
      { at: context.now, signal: context.signal },
    );
  return new Map(
    views.map((view, at) => [
      view.name,
      isShared ? repeated(read[at] as FeatureBatch, ids.length) : (read[at] as FeatureBatch),
    ]),
  );
}

/** The one row of an entity that all candidates share. */
function repeated({ frame, found, newestAt }: FeatureBatch, times: number): FeatureBatch {
  return {
    frame: frame.take(new Int32Array(times)),
    found: new Uint8Array(times).fill(found[0]!),
    newestAt: new Float64Array(times).fill(newestAt[0]!),
  };
}

function assemble(
  columns: Fields,
  views: readonly FeatureViewShape[],
  ages: KeyMapping,
  batches: ReadonlyMap<string, FeatureBatch>,
  length: number,
  now: number,
): Frame {
  const all = views.flatMap((view) => {
    const { frame, newestAt } = batches.get(view.name)!;
    const own = frame.as(view.fields).columns;
    if (ages[view.name] === undefined) return own;
    const age = Array.from(newestAt, (at) => (Number.isNaN(at) ? null : now - at));
    return [...own, Frame.fromColumns({ age: nullable(float64()) }, { age }).columns[0]!];
  });
  return new Frame(Layout.of(columns), all, length);
}
