import { describeType, type Entity, type EventDefinition, type FeatureViewShape, MilongaError } from '@milonga/core';
import type { Aggregate } from '../aggregates/aggregate.ts';
import type { Comparison } from './condition.ts';
import type { Window } from './window.ts';

/** A feature with everything decided. */
export interface CompiledFeature {
  readonly name: string;
  readonly window: Window | undefined;
  readonly aggregate: Aggregate;
}

/** The parts of a view. */
export interface ViewParts {
  readonly name: string;
  readonly entity: Entity;
  readonly event: EventDefinition;
  readonly keyFields: readonly string[];
  readonly latenessMs: number;
  readonly rememberedIds: number;
  readonly comparisons: readonly Comparison[];
  readonly features: readonly CompiledFeature[];
  readonly hash: (text: string) => string;
}

/** Features that share their tiles: those of one hop, or all without a window. */
export interface TileSeries {
  /** `undefined`: one tile for all time. */
  readonly hopMs: number | undefined;
  readonly features: readonly CompiledFeature[];
}

/** A feature view as the machinery sees it. */
export class CompiledView {
  readonly name: string;
  readonly entity: Entity;
  readonly event: EventDefinition;
  readonly keyFields: readonly string[];
  readonly latenessMs: number;
  readonly rememberedIds: number;
  readonly comparisons: readonly Comparison[];
  readonly features: readonly CompiledFeature[];
  /** By hop, ascending; all time last. */
  readonly series: readonly TileSeries[];
  /** Whether some value never leaves: then an entity is never forgotten. */
  readonly isForAllTime: boolean;
  readonly longestWindowMs: number;
  readonly longestHopMs: number;
  /** Changes when the definition changes in a way that changes values. */
  readonly fingerprint: string;

  constructor(parts: ViewParts) {
    this.name = parts.name;
    this.entity = parts.entity;
    this.event = parts.event;
    this.keyFields = parts.keyFields;
    this.latenessMs = parts.latenessMs;
    this.rememberedIds = parts.rememberedIds;
    this.comparisons = parts.comparisons;
    this.features = parts.features;
    this.series = seriesOf(parts.features);
    const windows = parts.features.flatMap(({ window }) => window ?? []);
    this.isForAllTime = windows.length < parts.features.length;
    this.longestWindowMs = Math.max(0, ...windows.map(({ lengthMs }) => lengthMs));
    this.longestHopMs = Math.max(0, ...windows.map(({ hopMs }) => hopMs));
    this.fingerprint = parts.hash(JSON.stringify(describe(this)));
  }

  /** Where the earliest window begins at `at`, Unix ms: an entity without events since then has no values. */
  startAt(at: number): number {
    if (this.isForAllTime) return Number.NEGATIVE_INFINITY;
    let start = Number.POSITIVE_INFINITY;
    for (const { window } of this.features) {
      const { lengthMs, hopMs } = window!;
      start = Math.min(start, Math.floor((at - lengthMs) / hopMs) * hopMs);
    }
    return start;
  }
}

function seriesOf(features: readonly CompiledFeature[]): readonly TileSeries[] {
  const byHop = Map.groupBy(features, ({ window }) => window?.hopMs);
  return [...byHop]
    .map(([hopMs, members]) => ({ hopMs, features: members }))
    .sort((left, right) => (left.hopMs ?? Number.POSITIVE_INFINITY) - (right.hopMs ?? Number.POSITIVE_INFINITY));
}

function describe(view: CompiledView): unknown {
  const { event } = view;
  const fields = new Set([
    ...view.keyFields,
    ...view.comparisons.map(({ field }) => field),
    ...view.features.flatMap(({ aggregate }) => aggregate.field ?? []),
  ]);
  return [
    [view.entity.name, view.entity.keys],
    [event.name, [...fields].sort().map((field) => [field, describeType(event.fields[field]!)])],
    view.keyFields,
    view.latenessMs,
    view.comparisons.map(({ field, operator, operands }) => [field, operator, operands]),
    view.features.map(({ name, window, aggregate }) => [
      name,
      aggregate.description,
      window?.lengthMs ?? 0,
      window?.hopMs ?? 0,
    ]),
  ];
}

/** What stands behind the views that `featureView` made. */
export const compiledViews: WeakMap<FeatureViewShape, CompiledView> = new WeakMap();

/** @throws MilongaError `MILONGA_DEFINITION_INVALID` for a view that `featureView` did not make. */
export function compiledView(view: FeatureViewShape): CompiledView {
  const compiled = compiledViews.get(view);
  if (compiled !== undefined) return compiled;
  throw new MilongaError(
    'MILONGA_DEFINITION_INVALID',
    `View "${view.name}" was not made by featureView of this copy of @milonga/feature-store; define it with featureView.`,
  );
}
