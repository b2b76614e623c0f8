import {
  Clock,
  Collector,
  EventSink,
  EventSource,
  type FeatureViewShape,
  Lake,
  MilongaError,
  OfflineStore,
  OnlineStore,
  type Recommender,
  type Role,
  type RoleContext,
  type RunningRole,
} from '@milonga/core';
import { collectRoute } from './collect/collect-route.ts';
import { runLakeSink } from './lake/run-lake-sink.ts';
import { runMaterialiser } from './materialise/run-materialiser.ts';
import { together } from './streams/run-consumer.ts';
import { runTiles } from './tiles/run-tiles.ts';
import { compiledViews } from './view/compiled-view.ts';

/** The views that `featureView` made. @throws MilongaError when one is made of an event that the recommender does not list. */
function viewsOf(recommender: Recommender): readonly FeatureViewShape[] {
  const views = recommender.views.filter((view) => compiledViews.has(view));
  for (const view of views) {
    const { event } = compiledViews.get(view)!;
    if (recommender.events.includes(event)) continue;
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `View "${view.name}" is made of event "${event.name}", which recommender "${recommender.name}" does not have; add it to \`events\`.`,
    );
  }
  return views;
}

const lakeRole: Role = {
  name: 'lake',
  description: 'lands every event in the lake',
  needs: () => [EventSource, EventSink, Lake],
  start: ({ recommender, ports, log, signal }: RoleContext): Promise<RunningRole> => {
    const needed = { source: ports.get(EventSource), sink: ports.get(EventSink), lake: ports.get(Lake), log, signal };
    return together(recommender.events.map((event) => runLakeSink(event, needed)));
  },
};

const tilesRole: Role = {
  name: 'tiles',
  description: 'aggregates events into the tiles of feature views',
  needs: () => [EventSource, EventSink, OfflineStore],
  start: ({ recommender, ports, log, signal }: RoleContext): Promise<RunningRole> => {
    const needed = {
      source: ports.get(EventSource),
      sink: ports.get(EventSink),
      store: ports.get(OfflineStore),
      log,
      signal,
    };
    return together(viewsOf(recommender).map((view) => runTiles(view, needed)));
  },
};

const materialiseRole: Role = {
  name: 'materialise',
  description: 'turns the tiles of changed entities into online values',
  needs: () => [EventSource, EventSink, OfflineStore, OnlineStore, Clock],
  start: ({ recommender, ports, log, signal }: RoleContext): Promise<RunningRole> => {
    const views = viewsOf(recommender);
    const needed = {
      source: ports.get(EventSource),
      sink: ports.get(EventSink),
      store: ports.get(OfflineStore),
      online: ports.get(OnlineStore),
      clock: ports.get(Clock),
      log,
      signal,
    };
    return together(
      views.map((view) =>
        runMaterialiser(
          view,
          views.filter(({ entity }) => entity.name === view.entity.name),
          needed,
        ),
      ),
    );
  },
};

const collectRole: Role = {
  name: 'collect',
  description: 'takes events over HTTP: POST /v1/events',
  needs: () => [Collector],
  start: async ({ ports }: RoleContext): Promise<RunningRole> => ({
    routes: [collectRoute(ports.get(Collector))],
    stop: () => Promise.resolve(),
  }),
};

/** The roles that every feature view brings. */
export const featureStoreRoles: readonly Role[] = [lakeRole, tilesRole, materialiseRole, collectRole];
