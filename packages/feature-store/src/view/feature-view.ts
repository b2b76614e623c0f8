import { createHash } from 'node:crypto';
import {
  type Duration,
  describeType,
  type Entity,
  type EventDefinition,
  type FeatureViewShape,
  type Fields,
  MilongaError,
  type Part,
  type ValueType,
} from '@milonga/core';
import type { Feature, TextType } from '../aggregates/feature.ts';
import { featureStoreAdapter } from '../feature-store-adapter.ts';
import { featureStoreRoles } from '../feature-store-roles.ts';
import { CompiledView, compiledViews } from './compiled-view.ts';
import { type Condition, comparisonsOf, type FieldOf } from './condition.ts';
import { windowOf } from './window.ts';

/** Features by name, for events with the fields `F`. */
export type FeaturesOf<F extends Fields> = Readonly<Record<string, Feature<ValueType, F>>>;

/** The types of the features' values. */
export type FieldsOfFeatures<Features> = {
  readonly [Name in keyof Features]: Features[Name] extends Feature<infer Type> ? Type : never;
} & {};

/** The fields that identify the entity: one, or as many as its key has parts, in their order. */
export type KeyFields<F extends Fields, Keys extends readonly string[]> = Keys extends readonly [string]
  ? FieldOf<F, TextType> | readonly [FieldOf<F, TextType>]
  : { readonly [At in keyof Keys]: FieldOf<F, TextType> };

/** What {@link featureView} takes. */
export interface FeatureViewOptions<F extends Fields, Keys extends readonly string[], Features> {
  readonly entity: Entity<Keys>;
  /** Events that the features are made of. */
  readonly from: EventDefinition<F>;
  /** Which of the event's fields say which entity it is about. Events where one of them is null are left out. */
  readonly by: KeyFields<NoInfer<F>, NoInfer<Keys>>;
  /**
   * An event that was ingested later than this after it happened is not counted, online or in history; it stays in the lake.
   * Tiles are kept for so much longer.
   */
  readonly lateness: Duration;
  /** Length of the tiles of all windows that do not say. Default: by the window, see {@link Window}. */
  readonly hop?: Duration;
  /** Only events for which this holds, or all of these. Default: all events. */
  readonly where?: Condition<NoInfer<F>> | readonly Condition<NoInfer<F>>[];
  /**
   * How many of its latest event ids an entity remembers, per partition of the topic, to leave out repeated ones: 0 to 1,024.
   * Ids older than `lateness` are forgotten first: a repetition that late is not counted anyway. Default: 64.
   */
  readonly rememberedIds?: number;
  /** Features by name. */
  readonly features: Features;
}

/** A feature view, with everything that keeps it up to date. */
export interface FeatureView<F extends Fields = Fields> extends FeatureViewShape<F>, Part {}

/**
 * Defines a named group of values of one entity, once, for streaming, serving and training.
 *
 * It is a part of a recommender: it brings the roles `lake`, `tiles`, `materialise` and `collect`, and the adapter that reads
 * features. Its values at a moment t are made of the events with `eventAt < t` that were known at t.
 *
 * @throws MilongaError `MILONGA_DEFINITION_INVALID` when names, fields or windows do not fit together.
 * @example
 * ```ts
 * const streamerActivity = featureView('streamer-activity', {
 *   entity: streamer, from: gift, by: 'streamerId', lateness: minutes(10),
 *   features: {
 *     gifts1h: count().over(hours(1)),
 *     coins7d: sum('coins').over(days(7)),
 *     lastGifters: lastDistinct('userId', 50),
 *   },
 * });
 * ```
 */
export function featureView<
  const F extends Fields,
  const Keys extends readonly string[],
  const Features extends FeaturesOf<NoInfer<F>>,
>(name: string, options: FeatureViewOptions<F, Keys, Features>): FeatureView<FieldsOfFeatures<Features>> {
  const { entity, from, by, lateness, hop, where = [], rememberedIds = 64, features } = options;
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw invalid(name, 'its name must match [a-z][a-z0-9-]*');
  if (Object.keys(features).length === 0) throw invalid(name, 'it has no features');
  if (!(Number.isInteger(rememberedIds) && rememberedIds >= 0 && rememberedIds <= 1_024)) {
    throw invalid(name, `\`rememberedIds\` must be a whole number from 0 to 1024; found ${rememberedIds}`);
  }
  const keyFields = ([by] as readonly (string | readonly string[])[]).flat();
  checkKeyFields(name, entity, from, keyFields);
  const compiled = new CompiledView({
    name,
    entity,
    event: from,
    keyFields,
    latenessMs: lateness.ms,
    rememberedIds,
    comparisons: comparisonsOf([where].flat(), from.fields),
    features: Object.entries<Feature>(features).map(([feature, { window, define }]) => ({
      name: feature,
      window:
        window === undefined || hop === undefined || window.isGiven ? window : windowOf({ ms: window.lengthMs }, hop),
      aggregate: define(from.fields),
    })),
    hash: (text) => createHash('sha256').update(text).digest('hex').slice(0, 16),
  });
  const view: FeatureView = Object.freeze({
    kind: 'feature-view',
    name,
    entity,
    fields: Object.freeze(
      Object.fromEntries(compiled.features.map((feature) => [feature.name, feature.aggregate.type])),
    ),
    fingerprint: compiled.fingerprint,
    roles: featureStoreRoles,
    adapters: [featureStoreAdapter],
  });
  compiledViews.set(view, compiled);
  return view as FeatureView<FieldsOfFeatures<Features>>;
}

function checkKeyFields(name: string, entity: Entity, event: EventDefinition, fields: readonly string[]): void {
  if (fields.length !== entity.keys.length) {
    throw invalid(
      name,
      `the key of "${entity.name}" has ${entity.keys.length} parts (${entity.keys.join(', ')}), \`by\` names ${fields.length}`,
    );
  }
  for (const field of fields) {
    const type = event.fields[field];
    if (type?.kind === 'string' || type?.kind === 'enumeration') continue;
    throw invalid(
      name,
      `\`by\` needs texts of event "${event.name}"; "${field}" is ${type === undefined ? 'not one of its fields' : describeType(type)}`,
    );
  }
}

const invalid = (name: string, why: string): MilongaError =>
  new MilongaError('MILONGA_DEFINITION_INVALID', `Feature view "${name}" cannot be defined: ${why}.`);
