import type { Adapter } from '../app/adapter.ts';
import { MilongaError } from '../errors/milonga-error.ts';
import type { EventDefinition } from '../event/event.ts';
import { exposure, prediction, quarantined } from '../event/system-events.ts';
import type { ModelDefinition } from '../model/model-definition.ts';
import type { ExperimentShape } from '../ports/experiment-assigner.ts';
import type { FeatureViewShape } from '../ports/feature-reader.ts';
import type { JoinedAdapter, Part, RoleAdapter } from './part.ts';
import type { PipelineShape } from './pipeline-shape.ts';
import type { Role } from './role.ts';

/** What a team writes into `milonga.config.ts`. */
export interface RecommenderDefinition {
  /** `[a-z][a-z0-9-]*`; the prefix of everything it stores. */
  readonly name: string;
  /** Later ones win, port by port. */
  readonly adapters: readonly RoleAdapter[];
  readonly events: readonly EventDefinition[];
  readonly views?: readonly (FeatureViewShape & Part)[];
  readonly models?: readonly ModelDefinition[];
  readonly pipelines?: readonly PipelineShape[];
  readonly experiments?: readonly ExperimentShape[];
  /** Roles of your own, beside those that the parts bring. */
  readonly roles?: readonly Role[];
}

/** A checked recommender: one value that says everything there is to run. */
export interface Recommender {
  readonly kind: 'recommender';
  readonly name: string;
  /** Adapters of the parts first, then those of the definition. */
  readonly adapters: readonly Adapter[];
  /** The team's events, then those that Milonga itself writes. */
  readonly events: readonly EventDefinition[];
  readonly views: readonly (FeatureViewShape & Part)[];
  readonly models: readonly ModelDefinition[];
  readonly pipelines: readonly PipelineShape[];
  readonly experiments: readonly ExperimentShape[];
  /** Each once, in the order in which data flows through them. */
  readonly roles: readonly Role[];
}

const ROLE_ORDER: readonly string[] = ['lake', 'tiles', 'materialise', 'train', 'predict', 'recommend', 'collect'];

/**
 * The whole of a team's system as one typed value. It does nothing by itself: `milonga dev`, `milonga start <role>` and
 * `startRecommender` of `@milonga/service` run it.
 *
 * @throws MilongaError `MILONGA_DEFINITION_INVALID` when two parts have one name, or a name is malformed.
 * @example
 * ```ts
 * export default defineRecommender({
 *   name: 'online-retail',
 *   adapters: [local({ dir: '.milonga' })],
 *   events: [purchase],
 *   views: [itemActivity, customerHistory],
 *   models: [bought, ranker],
 *   pipelines: [forYou],
 * });
 * ```
 */
export function defineRecommender(definition: RecommenderDefinition): Recommender {
  if (!/^[a-z][a-z0-9-]*$/.test(definition.name)) {
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `Recommender "${definition.name}": its name must match [a-z][a-z0-9-]*.`,
    );
  }
  const { views = [], models = [], pipelines = [], experiments = [] } = definition;
  const events = [...definition.events, quarantined, prediction, exposure];
  unique('event', events);
  unique('view', views);
  unique('model', models);
  unique('pipeline', pipelines);
  unique('experiment', experiments);
  const parts: readonly Part[] = [...views, ...models, ...pipelines];
  const roles = firstByName([
    ...(definition.roles ?? []),
    ...definition.adapters.flatMap((adapter) => adapter.roles ?? []),
    ...parts.flatMap((part) => part.roles),
  ]);
  return Object.freeze({
    kind: 'recommender',
    name: definition.name,
    adapters: [...joinedByName(parts.flatMap((part) => part.adapters)), ...definition.adapters],
    events,
    views,
    models,
    pipelines,
    experiments,
    roles: [...roles].sort((left, right) => rank(left) - rank(right)),
  });
}

const rank = (role: Role): number => {
  const at = ROLE_ORDER.indexOf(role.name);
  return at < 0 ? ROLE_ORDER.length : at;
};

function firstByName<T extends { readonly name: string }>(all: readonly T[]): readonly T[] {
  const first = new Map<string, T>();
  for (const one of all) if (!first.has(one.name)) first.set(one.name, one);
  return [...first.values()];
}

function joinedByName(all: readonly Adapter[]): readonly Adapter[] {
  const joined = new Map<string, Adapter>();
  for (const one of all) {
    const known: (Adapter & Partial<JoinedAdapter>) | undefined = joined.get(one.name);
    if (known === undefined) joined.set(one.name, one);
    else if (known.join !== undefined && known !== one) joined.set(one.name, known.join(one));
  }
  return [...joined.values()];
}

function unique(what: string, all: readonly { readonly name: string }[]): void {
  const seen = new Set<string>();
  for (const { name } of all) {
    if (seen.has(name)) {
      throw new MilongaError(
        'MILONGA_DEFINITION_INVALID',
        `Two ${what}s are named "${name}"; every ${what} of a recommender needs a name of its own.`,
      );
    }
    seen.add(name);
  }
}
