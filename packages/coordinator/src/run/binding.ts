import {
  Clock,
  ExperimentAssigner,
  type Fields,
  Logger,
  MilongaError,
  type Port,
  type Ports,
  silentLogger,
  systemClock,
} from '@milonga/core';
import type { BindOptions } from '../pipeline/pipeline.ts';
import type { Plan } from '../plan/plan.ts';
import type { PlannedStage } from '../plan/planned-stage.ts';
import { KnownIds } from '../table/known-ids.ts';
import { DeadlineWatch } from './deadline-watch.ts';
import { FailureLog } from './failure-log.ts';

/** What all requests of a bound pipeline share. */
export interface Binding {
  readonly clock: Clock;
  readonly failures: FailureLog;
  readonly watch: DeadlineWatch;
  readonly assigner: ExperimentAssigner | undefined;
  /** Ids of candidates, from request to request. */
  readonly ids: KnownIds;
  readonly queryFields: Fields;
  /** By number of the stage: exactly the ports that it needs. */
  readonly ports: readonly Ports[];
}

/** @throws MilongaError `MILONGA_WIRING_PORT_MISSING`, naming the stage, when a port is not there. */
export function bindStages({ pipeline, stages, queryFields }: Plan, ports: Ports, options: BindOptions): Binding {
  const clock = options.clock ?? optional(ports, Clock) ?? systemClock();
  return {
    clock,
    failures: new FailureLog(pipeline, options.log ?? optional(ports, Logger) ?? silentLogger),
    watch: new DeadlineWatch(clock),
    assigner: optional(ports, ExperimentAssigner),
    ids: new KnownIds(),
    queryFields,
    ports: stages.map((planned) => portsOf(pipeline, planned, ports)),
  };
}

const optional = <T>(ports: Ports, wanted: Port<T>): T | undefined =>
  ports.has(wanted) ? ports.get(wanted) : undefined;

function portsOf(pipeline: string, planned: PlannedStage, ports: Ports): Ports {
  const name = planned.names.join('" or "');
  for (const need of planned.needs) {
    if (ports.has(need)) continue;
    throw new MilongaError(
      'MILONGA_WIRING_PORT_MISSING',
      `Stage "${name}" of pipeline "${pipeline}" needs the port "${need.id}", which was not handed to \`bind\`.`,
    );
  }
  const allowed = new Set(planned.needs.map((need) => need.key));
  return {
    has: (wanted) => allowed.has(wanted.key) && ports.has(wanted),
    get: <T>(wanted: Port<T>): T => {
      if (allowed.has(wanted.key)) return ports.get(wanted);
      throw new MilongaError(
        'MILONGA_WIRING_PORT_MISSING',
        `Stage "${name}" of pipeline "${pipeline}" asked for the port "${wanted.id}" without naming it in its \`needs\`. Add it there.`,
      );
    },
  };
}

/** For pipelines whose stages need no ports. */
export const noPorts: Ports = Object.freeze({
  has: () => false,
  get: <T>(wanted: Port<T>): T => {
    throw new MilongaError('MILONGA_WIRING_PORT_MISSING', `"${wanted.id}" was asked of \`noPorts\`, which holds none.`);
  },
});
